"""What the exported model gives back exactly, by greedy decoding, measured with the independent reference in fp32."""

import random
from collections import defaultdict

from sonarmini.sums import sum_triple
from sonarmini.vocabulary import LANGUAGES

SEED = 5
HELD_OUT = 500
LIST_LENGTHS = range(1, 11)
LISTS = 300
SUMS = 200
LONGEST = 32
TOKENS = ("dog", "cat", "speak", "house")
FILLERS = ("_", "the", "a")
BANDS = ((1, 6), (7, 9), (10, 12), (13, 16), (17, 40))
TRANSLATIONS = ((0, 1), (1, 0), (0, 2), (2, 0))
WORD_MARK = "▁"
SHORTEST_WORD = 2


def percent(right):
    return round(100 * sum(right) / len(right), 2) if right else None


def by(keys, right):
    """The percentage for every key, in the order they come."""
    groups = defaultdict(list)
    for key, is_right in zip(keys, right):
        groups[key].append(is_right)
    return {key: percent(group) for key, group in groups.items()}


class Evaluation:
    def __init__(self, model):
        self.model = model

    def round_trips(self, contents, languages):
        """Whether each text or list of ids comes back under its language."""
        contents = [self.model.ids(c) if isinstance(c, str) else c for c in contents]
        rows = [self.model.framed(content, language) for content, language in zip(contents, languages)]
        return self.model.exact(self.model.encode(rows), contents, languages)

    def all(self, held_out, handwritten):
        """Both: triples of texts in the order of LANGUAGES."""
        return {"held_out": self.sentences(held_out[:HELD_OUT]), "handwritten": self.sentences(handwritten),
                "fillers": self.fillers(), "word_lists": self.word_lists(), "sums": self.sums()}

    def sentences(self, triples):
        result = {"count": len(triples)}
        for side, language in enumerate(LANGUAGES):
            texts = [triple[side] for triple in triples]
            right = self.round_trips(texts, [language] * len(texts))
            lengths = [len(self.model.ids(text)) for text in texts]
            bands = [next(f"{low}-{high}" for low, high in BANDS if length <= high) for length in lengths]
            result[language] = {"exact": percent(right), "by_tokens": dict(sorted(by(bands, right).items())),
                                "wrong": [text for text, is_right in zip(texts, right) if not is_right][:40]}
        for source, target in TRANSLATIONS:
            rows = [self.model.framed(triple[source], LANGUAGES[source]) for triple in triples]
            wanted = [self.model.ids(triple[target]) for triple in triples]
            right = self.model.exact(self.model.encode(rows), wanted, [LANGUAGES[target]] * len(rows))
            result[f"{LANGUAGES[source]}>{LANGUAGES[target]}"] = percent(right)
        return result

    def fillers(self):
        """One word at every position of every length, for each word and filler."""
        keys, rows = [], []
        for word in TOKENS:
            for filler in FILLERS:
                (token,), (other,) = self.model.ids(word), self.model.ids(filler)
                for length in range(1, LONGEST + 1):
                    for position in range(length):
                        keys.append((length, position + 1, word, filler))
                        rows.append([other] * position + [token] + [other] * (length - 1 - position))
        right = self.round_trips(rows, [LANGUAGES[0]] * len(rows))
        lengths = by([key[0] for key in keys], right)
        return {"count": len(rows), "exact": percent(right), "worst_length": min(lengths.values()), "by_length": lengths,
                "by_position": by([key[1] for key in keys], right), "by_word": by([key[2] for key in keys], right),
                "by_filler": by([key[3] for key in keys], right)}

    def word_lists(self):
        """Words drawn alike from the vocabulary's pieces that begin a word."""
        source = random.Random(SEED)
        offset = self.model.config["sentencepiece_id_offset"]
        pieces = [self.model.pieces.id_to_piece(i) for i in range(self.model.pieces.get_piece_size())]
        words = [i + offset for i, piece in enumerate(pieces)
                 if piece.startswith(WORD_MARK) and len(piece) > SHORTEST_WORD]
        result = {}
        for length in LIST_LENGTHS:
            rows = [source.choices(words, k=length) for _ in range(LISTS)]
            languages = [LANGUAGES[i % len(LANGUAGES)] for i in range(LISTS)]
            result[length] = percent(self.round_trips(rows, languages))
        return result

    def sums(self):
        source = random.Random(SEED)
        triples = [sum_triple(source) for _ in range(SUMS)]
        return {language: percent(self.round_trips([triple[side] for triple in triples], [language] * SUMS))
                for side, language in enumerate(LANGUAGES)}
