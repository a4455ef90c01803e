"""Makes sonar-mini from nothing, or goes on where an earlier run stopped: README.md beside this file."""

import argparse
import pathlib

from sonarmini.corpus import TRIPLES, make_corpus
from sonarmini.progress import handwritten
from sonarmini.run import train
from sonarmini.tokenizer import train_tokenizer


def main():
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default=here / "work", help="folder for data, checkpoint and results")
    parser.add_argument("--triples", type=int, default=TRIPLES, help="aligned sentences to train on")
    options = parser.parse_args()
    work = options.work
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "sentencepiece.model").exists():
        print("tokenizer", flush=True)
        train_tokenizer(work)
    if not (work / "corpus.npz").exists():
        print("corpus", flush=True)
        make_corpus(work, {text for row in handwritten() for text in row}, options.triples)
    print("training", flush=True)
    train(work)


if __name__ == "__main__":
    main()
