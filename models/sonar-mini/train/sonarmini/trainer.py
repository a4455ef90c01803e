"""The training run: processes that share gradients, checkpoints it goes on from exactly, a log."""

import ctypes
import os
import time

import torch

from sonarmini import schedule
from sonarmini.batches import KINDS, Batches
from sonarmini.loss import TiedCrossEntropy
from sonarmini.muon import Muon
from sonarmini.network import Autoencoder
from sonarmini.progress import Progress
from sonarmini.vocabulary import LANGUAGES, PAD

LOG_EVERY = 50
SAVE_EVERY = 250
MEASURE_EVERY = 1_000
LARGEST_GRADIENT = 1.0
SMALLEST = 1e-30
ADAM_BETAS = (0.9, 0.98)


class SharedMemory:
    """What the processes have in common. The last part of a gradient row is not a gradient: per language, the sum of the
    embeddings and their number."""

    def __init__(self, gradients, matrices, dim, processes, device):
        width = gradients + len(LANGUAGES) * (dim + 1)
        sizes = dict(rows=(processes, width), mean=(width,), momentum=(matrices,), updates=(matrices,))
        for name, size in sizes.items():
            setattr(self, name, torch.zeros(size, device=device).share_memory_())
        self.processor_seconds = torch.zeros(processes, dtype=torch.float64).share_memory_()


def parameter_groups(model):
    """The hidden matrices, the embeddings, and the rest; what never gets a gradient is in none."""
    matrices, embeddings, rest = [], [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            group = embeddings if "embed" in name else matrices if parameter.ndim == 2 else rest
            group.append(parameter)
    return matrices, embeddings, rest


def trim_memory():
    """Gives back what glibc keeps between the pieces of its heap, which otherwise grows with every new length of rows."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


class Trainer:
    def __init__(self, folder, shared, rank, processes, barrier, device):
        """`folder` holds the data and the checkpoint; `barrier()` returns once every process has called it."""
        self.folder, self.shared, self.rank, self.processes = folder, shared, rank, processes
        self.barrier, self.device = barrier, device
        torch.manual_seed(schedule.SEED)
        self.model = Autoencoder().to(device)
        self.average = Autoencoder().to(device) if rank == 0 else None
        self.batches = Batches(folder)
        self.progress = Progress(folder, self.batches, device) if rank == 0 else None
        matrices, embeddings, rest = parameter_groups(self.model)
        self.parameters = matrices + embeddings + rest
        self._share_gradients()
        self.muon = Muon(matrices, shared.momentum, shared.updates, schedule.MATRIX_DECAY, rank, processes, barrier)
        self.adam = torch.optim.AdamW(
            [dict(params=embeddings, weight_decay=schedule.EMBEDDING_DECAY), dict(params=rest, weight_decay=0.0)],
            schedule.OTHER_RATE, betas=ADAM_BETAS, fused=True)
        self.centroids = torch.zeros(len(LANGUAGES), self.model.shape.dim, device=device)
        self.step, self.tokens, self.seconds_before = 0, 0, 0.0
        self.log = Log()
        self._restore()

    def _share_gradients(self):
        sizes = [parameter.numel() for parameter in self.parameters]
        total = sum(sizes)
        views = [[part.view_as(p) for part, p in zip(row[:total].split(sizes), self.parameters)]
                 for row in (self.shared.rows[self.rank], self.shared.mean)]
        self.own_gradients, self.mean_gradients = views
        self.gradient_count = total
        share = -(-self.shared.mean.numel() // self.processes)
        self.part = slice(self.rank * share, min((self.rank + 1) * share, self.shared.mean.numel()))

    # one step -------------------------------------------------------------------------------------

    def train(self, until=schedule.STEPS):
        self.barrier()
        while self.step < until:
            self.take_step()
            self.step += 1
            self.shared.processor_seconds[self.rank] = time.process_time()
            if self.rank == 0:
                self._after_step()
            if self.step % SAVE_EVERY == 0:
                trim_memory()
                self.barrier()

    def take_step(self):
        own = self.shared.rows[self.rank]
        own.zero_()
        for parameter, gradient in zip(self.parameters, self.own_gradients):
            parameter.grad = gradient
        for number in range(self.rank, schedule.MICRO_BATCHES, self.processes):
            self._add_gradients(self.batches.batch(self.step, number), number)
        self.barrier()
        self.shared.mean[self.part] = self.shared.rows[:, self.part].sum(0)
        self.barrier()
        self._follow_centroids()
        size = float(self.shared.mean[:self.gradient_count].norm())
        self.barrier()
        if size > LARGEST_GRADIENT:
            end = min(self.part.stop, self.gradient_count)
            self.shared.mean[self.part.start:end].mul_(LARGEST_GRADIENT / (size + 1e-6))
        self.barrier()
        self._update()
        self.log.add("gradient", 1, size)

    def _add_gradients(self, batch, number):
        for name in ("source", "prompt", "target", "kind", "language"):
            setattr(batch, name, getattr(batch, name).to(self.device))
        mix = schedule.mixture(self.step)
        with torch.autocast(self.device, dtype=torch.bfloat16):
            embeddings = self.model.encode(batch.source)
            spread = (embeddings - embeddings.mean(0)).square().sum(1).mean()
            pull = self._pull(embeddings, batch, mix) / spread
            noisy = embeddings + self._noise(embeddings, spread, number, mix)
            states = self.model.decode(batch.prompt, noisy)[:, 1:]
        target = batch.target[:, 1:]
        kept = target.ne(PAD)
        shares = self._shares(target, batch.kind)[kept]
        loss, probability = TiedCrossEntropy.apply(
            states[kept], self.model.decoder_embed.weight, target[kept], shares / shares.sum())
        ((loss + schedule.LANGUAGE_PULL * pull) / schedule.MICRO_BATCHES).backward()
        self._count_languages(embeddings.detach(), batch)
        self.log.add_tokens(batch.kind[:, None].expand_as(target)[kept], probability)
        self.log.add("pull", 1, float(pull.detach()))
        self.tokens += int(kept.sum())

    def _pull(self, embeddings, batch, mix):
        """The mean squared distance of translations, without the languages' mean difference if the mixture says so."""
        if not batch.pairs:
            return embeddings.sum() * 0
        first, second = embeddings[:batch.pairs], embeddings[batch.pairs:2 * batch.pairs]
        difference = first - second
        if not mix.offset:
            means = self.centroids[batch.language[:2 * batch.pairs]]
            difference = difference - (means[:batch.pairs] - means[batch.pairs:])
        return difference.square().sum(1).mean()

    def _noise(self, embeddings, spread, number, mix):
        generator = torch.Generator().manual_seed(self.step * schedule.MICRO_BATCHES + number)
        size = torch.rand(len(embeddings), 1, generator=generator) * mix.noise
        noise = size * torch.randn(embeddings.shape, generator=generator)
        return noise.to(self.device) * (spread.detach() / embeddings.shape[1]).sqrt()

    def _shares(self, target, kind):
        shares = torch.ones(target.shape, device=self.device)
        turns = target[:, 1:].ne(target[:, :-1]) & (kind == KINDS.index("filled"))[:, None]
        shares[:, 1:][turns] = schedule.MARK
        return shares

    def _count_languages(self, embeddings, batch):
        counts = self.shared.rows[self.rank, self.gradient_count:].view(len(LANGUAGES), -1)
        language = batch.language[:2 * batch.pairs]
        rows = torch.cat([embeddings[:2 * batch.pairs], torch.ones(len(language), 1, device=self.device)], 1)
        counts.index_add_(0, language, rows)

    def _follow_centroids(self):
        sums = self.shared.mean[self.gradient_count:].view(len(LANGUAGES), -1)
        seen = sums[:, -1] > 0
        means = sums[seen, :-1] / sums[seen, -1:]
        share = max(schedule.CENTROID_SHARE, 1 / (self.step + 1))
        self.centroids[seen] = self.centroids[seen].lerp(means, share)

    def _update(self):
        for parameter, gradient in zip(self.parameters, self.mean_gradients):
            parameter.grad = gradient
        factor = schedule.rate(self.step)
        for group in self.adam.param_groups:
            group["lr"] = factor * schedule.OTHER_RATE
        self.muon.step(factor * schedule.MATRIX_RATE)
        self.adam.step()

    # around the steps -----------------------------------------------------------------------------

    def _after_step(self):
        if self.step % schedule.AVERAGE_EVERY == 0:
            self._follow_average()
        if self.step % LOG_EVERY == 0:
            print(self.log.line(self.step, self.tokens * self.processes, self.processor_seconds()), flush=True)
        if self.step % MEASURE_EVERY == 0 or self.step == schedule.STEPS:
            print(f"  exact at {self.step}: {self.progress.line(self.average)}", flush=True)
        if self.step % SAVE_EVERY == 0 or self.step == schedule.STEPS:
            self.save()

    @torch.no_grad()
    def _follow_average(self):
        """Over the last few hundred steps, and over the last few in the beginning."""
        share = max(schedule.AVERAGE_SHARE, min(1, 4 * schedule.AVERAGE_EVERY / self.step))
        for mean, value in zip(self.average.parameters(), self.model.parameters()):
            mean.lerp_(value, share)

    def processor_seconds(self):
        return self.seconds_before + float(self.shared.processor_seconds.sum())

    def save(self):
        state = dict(step=self.step, tokens=self.tokens, processor_seconds=self.processor_seconds(),
                     model=self.model.state_dict(), average=self.average.state_dict(), adam=self.adam.state_dict(),
                     momentum=self.shared.momentum, centroids=self.centroids)
        partial = self.folder / "checkpoint.partial"
        torch.save(state, partial)
        os.replace(partial, self.folder / "checkpoint.pt")

    def _restore(self):
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.adam.load_state_dict(state["adam"])
        self.centroids.copy_(state["centroids"])
        self.step, self.tokens, self.seconds_before = state["step"], state["tokens"], state["processor_seconds"]
        if self.rank == 0:
            self.shared.momentum.copy_(state["momentum"])
            self.average.load_state_dict(state["average"])
            print(f"goes on from step {self.step}", flush=True)


class Log:
    """Means since the last line."""

    def __init__(self):
        self.sums, self.began, self.tokens = {}, time.time(), 0

    def add(self, name, count, value):
        entry = self.sums.setdefault(name, [0, 0.0])
        entry[0] += count
        entry[1] += value

    def add_tokens(self, kind, probability):
        """Per kind of row, the mean -log p of a token."""
        self.tokens += len(probability)
        losses = -probability.clamp(min=SMALLEST).log()
        counts, sums = (torch.bincount(kind, weights, len(KINDS)).tolist() for weights in (None, losses))
        for name, count, value in zip(KINDS, counts, sums):
            if count:
                self.add(name, count, value)

    def line(self, step, tokens, processor_seconds):
        passed = time.time() - self.began
        parts = [f"{name} {value / count:.3f}" for name, (count, value) in sorted(self.sums.items())]
        speed = self.tokens / passed
        self.__init__()
        return (f"{step} {' '.join(parts)} | {tokens / 1e6:.2f}M tokens, {processor_seconds:.0f} s of processor time, "
                f"{speed:.0f} tokens/s in this process")
