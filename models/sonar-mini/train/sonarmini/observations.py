"""What the study saw on SONAR, asked of this model: do shift vectors survive another filler, does a bare word's vector
change one word or every one, how do steps along positions shrink, and where does the language show."""

import itertools
import random

import numpy as np

from sonarmini.evaluation import percent
from sonarmini.vocabulary import LANGUAGES

SEED = 3
WORDS = ("dog cat bird horse cow pig man woman boy girl house book king queen table door river tree bread apple car train"
         " bear wolf lion mouse friend teacher doctor city speak run sleep sing read happy red big").split()
SHIFT_LENGTHS = (5, 10, 20, 30)
SHIFTS = 300
SWAPS = 150
SENTENCES = 300
STEPS = 20
COMPONENTS = 6


class Observations:
    def __init__(self, model):
        self.model = model
        self.random = random.Random(SEED)
        self.token = {word: model.ids(word)[0] for word in (*WORDS, "_", "the")}

    def all(self, held_out):
        return {"shifts": self.shifts(), "swaps": self.swaps(), "steps": self.steps(),
                "languages": self.languages(held_out[:SENTENCES])}

    def _embed(self, rows, language=LANGUAGES[0]):
        return self.model.encode([self.model.framed(row, language) for row in rows])

    def _filled(self, word, position, length, filler):
        row = [self.token[filler]] * length
        row[position] = self.token[word]
        return row

    def _exact(self, embeddings, rows):
        return percent(self.model.exact(embeddings, rows, [LANGUAGES[0]] * len(rows)))

    def shifts(self):
        """E(a at p + 1) - E(a at p) among one filler, added to b at p among the same or another one: is b at p + 1?"""
        result = {}
        for length, (source, target) in itertools.product(SHIFT_LENGTHS, (("_", "_"), ("_", "the"), ("the", "_"))):
            cases = [(*self.random.sample(WORDS, 2), self.random.randrange(length - 1)) for _ in range(SHIFTS)]
            before, after = (self._embed([self._filled(a, p + step, length, source) for a, _, p in cases])
                             for step in (0, 1))
            base = self._embed([self._filled(b, p, length, target) for _, b, p in cases])
            wanted = [self._filled(b, p + 1, length, target) for _, b, p in cases]
            result[f"from {source} to {target}, length {length}"] = self._exact(base + after - before, wanted)
        return result

    def swaps(self):
        """`A a bit A b` plus a difference of B and A: which of the two words changes?"""
        pairs = [self.random.sample(WORDS[:30], 2) for _ in range(SWAPS)]

        def rows(pattern):
            return [[self.model.ids({"A": a, "B": b}.get(word, word))[0] for word in pattern.split()] for a, b in pairs]

        base, result = self._embed(rows("A a bit A b")), {}
        for minus, plus in (("A", "B"), ("A _", "B _"), ("A _ _ _ _", "B _ _ _ _"), ("_ _ _ A _", "_ _ _ B _"),
                            ("A _ _ A _", "B _ _ B _")):
            changed = base + self._embed(rows(plus)) - self._embed(rows(minus))
            result[f"+ E({plus}) - E({minus})"] = {
                what: self._exact(changed, rows(pattern)) for what, pattern in
                (("first", "B a bit A b"), ("second", "A a bit B b"), ("both", "B a bit B b"), ("none", "A a bit A b"))}
        return result

    def steps(self):
        """Distances of neighbouring positions: in a row of fixed length, and in one that ends with the word."""
        def distances(rows):
            path = self._embed(rows).numpy()
            return [round(float(x), 3) for x in np.linalg.norm(np.diff(path, axis=0), axis=1)]

        return {"fixed length": distances([self._filled("dog", p, STEPS, "_") for p in range(STEPS)]),
                "word last": distances([self._filled("dog", p, p + 1, "_") for p in range(STEPS)])}

    def languages(self, triples):
        """English and Spanish: along which principal component they separate, and how well the centroids tell them."""
        sides = [self._embed([self.model.ids(t[i]) for t in triples], LANGUAGES[i]).numpy() for i in range(2)]
        every = np.concatenate(sides)
        scores = (every - every.mean(0)) @ np.linalg.svd(every - every.mean(0), full_matrices=False)[2][:COMPONENTS].T
        apart = np.abs(scores[:len(triples)].mean(0) - scores[len(triples):].mean(0)) / scores.std(0)
        half = len(triples) // 2
        centroids = np.stack([side[:half].mean(0) for side in sides])
        nearest = [((side[half:, None] - centroids) ** 2).sum(-1).argmin(1) == i for i, side in enumerate(sides)]
        a, b = (side - every.mean(0) for side in sides)
        cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        return {"separation along components, in standard deviations": [round(float(x), 2) for x in apart],
                "nearest centroid": percent(np.concatenate(nearest).tolist()),
                "centred cosine of translations": round(float(cosine.mean()), 3)}
