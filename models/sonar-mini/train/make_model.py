"""Makes sonar-mini from nothing, or goes on where an earlier run stopped: README.md beside this file."""

import argparse
import pathlib

import torch

from evaluate import evaluate
from sonarmini.card import card
from sonarmini.check import check
from sonarmini.corpus import TRIPLES, handwritten, make_corpus
from sonarmini.export import export
from sonarmini.run import train
from sonarmini.tokenizer import train_tokenizer

STAGES = ("data", "train", "export", "evaluate")


def make_data(work, triples):
    """The tokenizer, then the corpus; what is there already is kept."""
    if not (work / "sentencepiece.model").exists():
        train_tokenizer(work)
    if not (work / "corpus.npz").exists():
        make_corpus(work, {text for row in handwritten() for text in row}, triples)


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stages", nargs="*", default=STAGES, metavar="stage", help=f"some of: {' '.join(STAGES)}")
    parser.add_argument("--work", type=pathlib.Path, default=here / "work", help="folder of data, checkpoint and results")
    parser.add_argument("--triples", type=int, default=TRIPLES, help="how many aligned sentences to train on")
    options = parser.parse_args()
    unknown = set(options.stages) - set(STAGES)
    if unknown:
        parser.error(f"no such stage: {' '.join(sorted(unknown))}")
    work, out = options.work, options.work / "out"
    out.mkdir(parents=True, exist_ok=True)
    if "data" in options.stages:
        print("tokenizer and corpus", flush=True)
        make_data(work, options.triples)
    if "train" in options.stages:
        print("training", flush=True)
        train(work)
    torch.set_num_threads(1)
    if "export" in options.stages:
        step = export(work, out)
        print(f"exported the weights of step {step}; largest differences from the reference: {check(work, out)}", flush=True)
    if "evaluate" in options.stages:
        evaluate(out, work / "held_out.json", out / "evaluation.json")
        (out / "README.md").write_text(card(out))


if __name__ == "__main__":
    main()
