"""Toy SentencePiece models in NLLB's layout: BPE, `<unk>` `<s>` `</s>` first, no padding piece."""

import csv
import io
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

CORPUS = Path(__file__).resolve().parents[3] / "jobs/corpora/eng-spa-fra.tsv"


def sentences():
    """Every sentence of the corpus in each of its languages, and the languages' codes."""
    with open(CORPUS, encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(text, code) for row in rows[1:] for code, text in zip(rows[0][1:], row[1:])]


def train(pieces, normalization="identity"):
    """A model of so many pieces; the same every time."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for text, _ in sentences()]), model_writer=model, model_type="bpe",
        vocab_size=pieces, character_coverage=0.999, normalization_rule_name=normalization, unk_id=0, bos_id=1, eos_id=2,
        pad_id=-1, num_threads=1, minloglevel=2)
    return model.getvalue()


def pad(model, pieces):
    """The model with unused pieces added until there are so many."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    lowest = min(piece.score for piece in proto.pieces)
    for i in range(pieces - len(proto.pieces)):
        proto.pieces.add(piece=f"\u2581unused{i}", score=lowest - 1 - i)
    proto.trainer_spec.vocab_size = pieces
    return proto.SerializeToString()
