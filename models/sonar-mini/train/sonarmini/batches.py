"""What a step trains on: micro-batches of rows of like length, the same for every step whoever asks."""

from dataclasses import dataclass

import numpy as np
import torch

from sonarmini import schedule
from sonarmini.sequences import Sequences
from sonarmini.tokenizer import all_words, load_tokenizer, token_ids
from sonarmini.vocabulary import EOS, LANGUAGE_TOKENS, PAD

LENGTHS = ((1, 5), (6, 8), (9, 11), (12, 15), (16, 20), (21, 32))
"""The tokens of a row without the language token and `</s>`, by bucket; longer sentences are left out."""
LONGEST = LENGTHS[-1][1]
COLUMNS = ("english", "spanish", "french")
KINDS = ("same", "translated", "filled", "random", "spliced", "disturbed")
FILLERS = ("_", "the", "a", ".")
SAME_LANGUAGE = 0.5
"""The share of sentences that are decoded into their own language."""


@dataclass
class Batch:
    """`pairs`: the first 2 x pairs rows are translations, row i of row i + pairs."""

    source: torch.Tensor
    prompt: torch.Tensor
    target: torch.Tensor
    kind: torch.Tensor
    language: torch.Tensor
    pairs: int


class Batches:
    def __init__(self, folder):
        """`folder` holds the corpus and its tokenizer."""
        with np.load(folder / "corpus.npz") as arrays:
            self.flat = [arrays[name] for name in COLUMNS]
            self.starts = [arrays[f"{name}_starts"] for name in COLUMNS]
        processor = load_tokenizer(folder)
        split = [token_ids(processor, word) for word in all_words()]
        words = np.array(sorted({ids[0] for ids in split if len(ids) == 1}))
        fillers = np.array([token_ids(processor, filler)[0] for filler in FILLERS])
        self.made_up = Sequences(words, fillers, self.flat)
        lengths = np.stack([np.diff(starts) for starts in self.starts])
        self.of_triples = self._pools(lengths.max(0))
        self.of_sentences = [self._pools(row) for row in lengths]
        self.plans = {start: self._plan(mix) for start, mix in schedule.MIXTURES}

    @staticmethod
    def _pools(lengths):
        return [np.nonzero((lengths >= low) & (lengths <= high))[0].astype(np.int32) for low, high in LENGTHS]

    def _plan(self, mix):
        """How many rows a micro-batch of each bucket has of each kind, and how often each bucket comes."""
        steps = np.arange(LONGEST + 1)
        short = (steps >= 1) & (steps <= mix.short_length)
        filled = mix.short_filled * short / short.sum() + (1 - mix.short_filled) * (steps >= 1) / LONGEST
        weight = np.where((steps >= 1) & (steps <= mix.random_length), 0.6 + 0.4 * (steps >= 4), 0)
        random = weight / weight.sum()
        sizes = np.array([len(pool) for pool in self.of_triples])
        sentences = sizes / sizes.sum()
        single = np.array([sum(len(pools[i]) for pools in self.of_sentences) for i in range(len(LENGTHS))])
        single = single / single.sum()
        spans = [slice(low, high + 1) for low, high in LENGTHS]
        rows = np.array([[mix.sentences * sentences[i], mix.filled * filled[span].sum(),
                          mix.random_words * random[span].sum(), mix.spliced * single[i], mix.disturbed * single[i]]
                         for i, span in enumerate(spans)])
        capacity = np.array([schedule.MICRO_BATCH_TOKENS // (high + 2) for _, high in LENGTHS])
        often = rows.sum(1) / capacity
        return dict(capacity=capacity, kinds=rows / rows.sum(1, keepdims=True), often=often / often.sum(), filled=filled,
                    random=random)

    def batch(self, step, number):
        """Micro-batch `number` of a step."""
        random = np.random.default_rng([schedule.SEED, step, number])
        plan = self.plans[max(start for start in self.plans if start <= step)]
        bucket = random.choice(len(LENGTHS), p=plan["often"])
        counts = random.multinomial(plan["capacity"][bucket], plan["kinds"][bucket])
        pairs = (counts[0] + 1) // 2
        parts = [self._sentences(random, bucket, pairs)] if pairs else []
        for kind, count in zip((2, 3, 4, 5), counts[1:]):
            if count:
                parts.append(self._made_up(random, plan, bucket, kind, count))
        source, target, source_language, target_language, kind = (np.concatenate(column) for column in zip(*parts))
        source, target = framed(source, source_language), framed(target, target_language)
        prompt = np.concatenate([np.full((len(target), 1), EOS), target[:, :-1]], 1)
        tensors = map(torch.from_numpy, (source, prompt, target, kind, source_language))
        return Batch(*tensors, pairs=int(pairs))

    def rows(self, language, indices, width):
        """Sentences of one language, at most `width` tokens of each."""
        starts, flat = self.starts[language], self.flat[language]
        begin = starts[indices]
        at = np.minimum(begin[:, None] + np.arange(width), len(flat) - 1)
        rows = flat[at].astype(np.int64)
        rows[np.arange(width) >= (starts[indices + 1] - begin)[:, None]] = PAD
        return rows

    def _sentences(self, random, bucket, pairs):
        """Two languages of every triple, each decoded into itself or into another."""
        width = LENGTHS[bucket][1]
        pool = self.of_triples[bucket]
        indices = pool[random.integers(0, len(pool), pairs)]
        three = np.stack([self.rows(language, indices, width) for language in range(3)])
        first = random.integers(0, 3, pairs)
        second = (first + random.integers(1, 3, pairs)) % 3
        source = np.concatenate([first, second])
        other = (source + random.integers(1, 3, 2 * pairs)) % 3
        target = np.where(random.random(2 * pairs) < SAME_LANGUAGE, source, other)
        each = np.tile(np.arange(pairs), 2)
        return three[source, each], three[target, each], source, target, (source != target).astype(np.int64)

    def _made_up(self, random, plan, bucket, kind, count):
        """Rows that are decoded as they are, most of them under one language token."""
        low, high = LENGTHS[bucket]
        language = random.integers(0, 3, count)
        if kind < 4:
            odds = plan["filled" if kind == 2 else "random"][low:high + 1]
            lengths = random.choice(np.arange(low, high + 1), count, p=odds / odds.sum())
            make = self.made_up.filled if kind == 2 else self.made_up.random_words
            rows = make(random, lengths, high)
        elif kind == 4:
            rows = self.made_up.spliced(random, random.integers(low, high + 1, count), high, language)
        else:
            rows = self.made_up.disturbed(random, self._any_sentences(random, bucket, language))
        known = kind >= 4
        token = np.where(random.random(count) < (0.1 if known else 1.0), random.integers(0, 3, count), language)
        target = np.where(random.random(count) < (0.05 if known else 0.25), random.integers(0, 3, count),
                          language if known else token)
        return rows, rows, token, target, np.full(count, kind)

    def _any_sentences(self, random, bucket, language):
        width = LENGTHS[bucket][1]
        rows = np.zeros((len(language), width), np.int64)
        for index in range(3):
            of, pool = np.nonzero(language == index)[0], self.of_sentences[index][bucket]
            if len(of):
                rows[of] = self.rows(index, pool[random.integers(0, len(pool), len(of))], width)
        return rows


def framed(rows, language):
    """[language token, tokens, `</s>`], padded."""
    lengths = (rows != PAD).sum(1)
    out = np.zeros((rows.shape[0], rows.shape[1] + 2), np.int64)
    out[:, 0] = np.asarray(LANGUAGE_TOKENS)[language]
    out[:, 1:-1] = rows
    out[np.arange(len(rows)), lengths + 1] = EOS
    return out
