"""The aligned sentences: texts that are held out, and token ids to train on."""

import csv
import json
import pathlib
import random

import numpy as np

from sonarmini.grammar import Grammar
from sonarmini.sums import sum_triple
from sonarmini.tokenizer import load_tokenizer
from sonarmini.vocabulary import PIECE_OFFSET

SEED = 20261126
TRIPLES = 1_500_000
HELD_OUT = 2_000
HELD_OUT_WORDS = 4
"""A held-out sentence has at least so many English words: shorter ones are too often in the training data by chance."""
SUMS = 0.03
ENCODED_AT_ONCE = 50_000


def handwritten():
    """The sentences written by hand, as (english, spanish, french)."""
    path = pathlib.Path(__file__).parents[1] / "evaluation" / "handwritten.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [tuple(row) for row in rows[1:]]


def held_out_triples():
    """Sentences whose English side never stands in the training data."""
    grammar, english, triples = Grammar(SEED), set(), []
    while len(triples) < HELD_OUT:
        triple = grammar.triple()
        if len(triple[0].split()) >= HELD_OUT_WORDS and triple[0] not in english:
            english.add(triple[0])
            triples.append(triple)
    return triples


def training_triples(excluded, count):
    """`count` different triples; none has a sentence of `excluded` in any language."""
    grammar, source, seen = Grammar(SEED + 1), random.Random(SEED + 2), set()
    while len(seen) < count:
        triple = sum_triple(source) if source.random() < SUMS else grammar.triple()
        key = "|".join(triple)
        if key not in seen and excluded.isdisjoint(triple):
            seen.add(key)
            yield triple


def pack(processor, texts):
    """The ids of all texts one after another, and where each begins (and the last ends)."""
    flat, lengths = [], []
    for i in range(0, len(texts), ENCODED_AT_ONCE):
        rows = processor.encode(texts[i:i + ENCODED_AT_ONCE])
        lengths += map(len, rows)
        flat.append(np.fromiter((piece for row in rows for piece in row), np.int16) + np.int16(PIECE_OFFSET))
    return np.concatenate(flat), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def make_corpus(folder, excluded, count=TRIPLES):
    """Writes `held_out.json` and `corpus.npz` into `folder`, which holds the tokenizer.

    `excluded`: texts that are kept for the evaluation.
    """
    processor = load_tokenizer(folder)
    held_out = held_out_triples()
    (folder / "held_out.json").write_text(json.dumps(held_out, ensure_ascii=False, indent=0))
    kept_apart = {text for triple in held_out for text in triple} | set(excluded)
    columns = zip(*training_triples(kept_apart, count))
    arrays = {}
    for name, texts in zip(("english", "spanish", "french"), columns):
        arrays[name], arrays[f"{name}_starts"] = pack(processor, list(texts))
    np.savez(folder / "corpus.npz", **arrays)
