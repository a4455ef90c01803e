"""How far a run is: exact round trips on a few rows of each kind, while it trains."""

import json

import numpy as np
import torch

from sonarmini.batches import COLUMNS, framed
from sonarmini.corpus import handwritten
from sonarmini.tokenizer import load_tokenizer, token_ids
from sonarmini.vocabulary import EOS, PAD

ROWS = 200
ROWS_AT_ONCE = 100
SEED = 99


def padded(rows):
    out = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for row, ids in zip(out, rows):
        row[:len(ids)] = ids
    return out


class Progress:
    def __init__(self, folder, batches, device):
        """`folder` holds the tokenizer and the held-out sentences."""
        self.device = device
        processor = load_tokenizer(folder)
        held_out = json.loads((folder / "held_out.json").read_text())[:ROWS]
        self.tasks = {}
        for name, triples in (("held", held_out), ("hand", handwritten())):
            sides = [framed(padded([token_ids(processor, triple[i]) for triple in triples]), np.full(len(triples), i))
                     for i in range(3)]
            for side, column in zip(sides, COLUMNS):
                self.tasks[f"{name}-{column[:2]}"] = (side, side)
            if name == "held":
                self.tasks["en>sp"] = (sides[0], sides[1])
        random = np.random.default_rng(SEED)
        for low, high in ((1, 10), (11, 20), (21, 28), (29, 32)):
            rows = batches.made_up.filled(random, random.integers(low, high + 1, ROWS), high)
            self._same(f"fill-{high}", rows, random)
        for length in (3, 6, 8, 10):
            self._same(f"list-{length}", random.choice(batches.made_up.words, (ROWS, length)), random)

    def _same(self, name, rows, random):
        side = framed(rows, random.integers(0, 3, len(rows)))
        self.tasks[name] = (side, side)

    @torch.no_grad()
    def exact(self, model, source, target):
        """The share that greedy decoding gives back: with the target as prompt, every best choice must be right."""
        right = 0
        for i in range(0, len(source), ROWS_AT_ONCE):
            encoder_ids, wanted = (torch.from_numpy(x[i:i + ROWS_AT_ONCE]).to(self.device) for x in (source, target))
            with torch.autocast(self.device, dtype=torch.bfloat16):
                prompt = torch.cat([torch.full_like(wanted[:, :1], EOS), wanted[:, :-1]], 1)
                best = model.logits(model.decode(prompt, model.encode(encoder_ids))[:, 1:]).argmax(-1)
            right += int((best.eq(wanted[:, 1:]) | wanted[:, 1:].eq(PAD)).all(1).sum())
        return right / len(source)

    def line(self, model):
        return " ".join(f"{name} {100 * self.exact(model, *task):.1f}" for name, task in self.tasks.items())
