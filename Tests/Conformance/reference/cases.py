"""What the official modules answer, as the `expected.json` of a fixture.

text     a text under a language: its ids and embedding
raw      ids: the embedding
states   ids: the encoder's states after the final LayerNorm, row by row
logits   an embedding and ids, the prompt included: all logits of the last position, the first 8 of each
greedy   an embedding: the ids, the prompt `</s> language` included, their total log-probability, and the smallest
         margin of a choice
beam     an embedding: the finished hypotheses, best first, without the prompt, and their scores

A comparison of ids is only sound where rounding cannot decide: a greedy case ends before the first choice by less than
`MARGIN`, and a beam search is only taken if noise of that size on its logits changes no hypothesis and no order.
"""

import itertools

import torch
from official import EOS, beam, encode, logits

MARGIN = 1e-3
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 127, 128, 129, 200, 256, 257, 384, 511,
           512, 513, 514)
"""Of raw ids, the language token and `</s>` included."""
PREFIXES = (2, 3, 4, 10, 33, 100, 512)
"""Lengths of a decoder's input."""
GREEDY = (1, 2, 12, 24, 24, 24, 24, 48, 48, 110, 150, 200, 510)
BEAMS = ((1, 1), (1, 16), (1, 40), (2, 12), (3, 2), (3, 24), (4, 16), (5, 1), (5, 2), (5, 12), (5, 12), (5, 24), (5, 24),
         (5, 48), (7, 20), (8, 3), (10, 12), (16, 8))
"""Beam size and limit of new tokens."""
ODD_TEXTS = ("", " ", "a", "the", "  two  spaces  ", "ﬁ ｆｕｌｌ ½ Ⅷ", "日本語 ☃ \u200b", "¿Qué? ¡Él!", "x" * 40, "tab\tand\nline", "</s>",
             "UPPER lower")


def floats(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


class Cases:
    """Builds the cases of one model."""

    def __init__(self, shape, encoder, decoder, tokenizer, seed):
        self.shape, self.encoder, self.decoder, self.tokenizer = shape, encoder, decoder, tokenizer
        self.random = torch.Generator().manual_seed(seed)
        self.languages = itertools.cycle(shape.languages)
        self.embeddings = []

    def all(self, texts):
        cases = {"text": self.text((*texts, *ODD_TEXTS)), "raw": self.raw(), "states": self.states()}
        return cases | {"logits": self.logits(), "greedy": self.greedy(), "beam": self.beam()}

    def body(self, length):
        return torch.randint(EOS + 1, 1 + self.shape.pieces, (length,), generator=self.random).tolist()

    def embedding(self, ids):
        embedding = encode(self.encoder, ids)[1]
        self.embeddings.append(embedding)
        return floats(embedding)

    def text(self, texts):
        def case(text, language):
            ids = self.tokenizer.create_encoder(lang=language, mode="source")(text).tolist()
            return dict(text=text, language=language, ids=ids, embedding=self.embedding(ids))

        return [case(text, next(self.languages)) for text in texts]

    def raw(self, lengths=LENGTHS):
        def ids(length):
            tokens = [self.shape.token(next(self.languages)), *self.body(max(0, length - 2)), EOS]
            return tokens[:length]

        return [dict(ids=tokens, embedding=self.embedding(tokens)) for tokens in map(ids, lengths)]

    def states(self):
        def case(length):
            ids = [self.shape.token(next(self.languages)), *self.body(length - 2), EOS]
            return dict(ids=ids, states=floats(encode(self.encoder, ids)[0]))

        return [case(2), case(9), case(35)]

    def logits(self, prefixes=PREFIXES):
        def case(length):
            embedding = self.some_embedding()
            ids = [EOS, self.shape.token(next(self.languages)), *self.body(length - 2)]
            rows = logits(self.decoder, embedding, ids)
            return dict(embedding=floats(embedding), ids=ids, last_logits=floats(rows[-1]),
                        first8=[floats(row[:8]) for row in rows])

        return [case(length) for length in prefixes]

    def some_embedding(self):
        """One of those computed so far, or a sum and difference of them, as the file will hold it."""
        a, b, c = (self.embeddings[i] for i in torch.randint(len(self.embeddings), (3,), generator=self.random))
        arithmetic = torch.rand((), generator=self.random) < 0.6
        return torch.tensor(floats(a + b - c if arithmetic else a))

    def greedy(self):
        """For every limit the most varied of some cases that reach it; then some that wrote `</s>`."""
        cases = []
        for limit, ends in (*((limit, False) for limit in GREEDY), *[(40, True)] * 4):
            tries = (self.greedy_case(limit) for _ in range(60))
            good = (c for c in tries if c["max_new_tokens"] == limit and ends == (c["ids"][-1] == EOS))
            self.take(cases, good, lambda case: len(set(case["ids"])), f"greedy, {limit} tokens, ends: {ends}")
        return cases

    @staticmethod
    def take(cases, candidates, merit, what):
        """The best of the first few candidates that are not there yet."""
        new = [case for case in itertools.islice(candidates, 5) if case not in cases]
        if new:
            cases.append(max(new, key=merit))
        else:
            print(f"  no case: {what}")

    def greedy_case(self, limit):
        embedding, language = self.some_embedding(), next(self.languages)
        ids, total, smallest = [EOS, self.shape.token(language)], 0.0, float("inf")
        while len(ids) < limit + 2:
            scores = logits(self.decoder, embedding, ids)[-1].log_softmax(-1)
            best, second = scores.topk(2).values.tolist()
            if best - second < MARGIN:
                break
            smallest = min(smallest, best - second)
            total += best
            ids.append(int(scores.argmax()))
            if ids[-1] == EOS:
                break
        limit = limit if ids[-1] == EOS and len(ids) > 2 else len(ids) - 2
        return dict(embedding=floats(embedding), language=language, max_new_tokens=limit, ids=ids, log_probability=total,
                    smallest_margin=smallest)

    def beam(self):
        """For every size and limit the one whose hypotheses end in the most different places."""
        cases = []
        for size, limit in BEAMS:
            candidates = (case for _ in range(40) if (case := self.beam_case(size, limit)))
            self.take(cases, candidates, lambda case: len({len(h["ids"]) for h in case["hypotheses"]}),
                      f"beam {size}, {limit} tokens")
        return cases

    def beam_case(self, size, limit):
        """None if noise changes it."""
        embedding, language = self.some_embedding(), next(self.languages)

        def search(noise=None):
            return beam(self.decoder, embedding, self.shape.token(language), size, limit, noise)

        def noise(shape):
            return MARGIN * (2 * torch.rand(shape, generator=self.random) - 1)

        hypotheses = search()
        ids = [ids for ids, _ in hypotheses]
        if any([ids for ids, _ in search(noise)] != ids for _ in range(4)):
            return None
        return dict(embedding=floats(embedding), language=language, beam_size=size, max_new_tokens=limit,
                    hypotheses=[dict(ids=ids, score=score) for ids, score in hypotheses])
