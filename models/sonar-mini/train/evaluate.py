"""Measures a model folder against this project's targets. Writes evaluation.json beside the weights, or to --output.

usage: evaluate.py MODEL_FOLDER HELD_OUT.json [--output FILE]
"""

import argparse
import json
import pathlib

import torch

from sonarmini.corpus import handwritten
from sonarmini.evaluation import Evaluation
from sonarmini.observations import Observations
from sonarmini.reference import ReferenceModel
from sonarmini.vocabulary import LANGUAGES


def table(result):
    """(what, measured, target) for each of the targets."""
    for language in LANGUAGES:
        yield f"held-out sentences, {language}", result["held_out"][language]["exact"], 99
    for language in LANGUAGES:
        yield f"hand-written sentences, {language}", result["handwritten"][language]["exact"], 85
    yield "fillers, the worst length up to 32", result["fillers"]["worst_length"], 95
    yield "lists of 6 random words", result["word_lists"][6], 90


def evaluate(folder, held_out, output):
    model = ReferenceModel(folder)
    result = Evaluation(model).all(json.loads(held_out.read_text()), handwritten())
    result["observations"] = Observations(model).all(json.loads(held_out.read_text()))
    output.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    for what, measured, target in table(result):
        print(f"{what:40} {measured:6.1f}%  target {target}%  {'reached' if measured >= target else 'missed'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("held_out", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    evaluate(options.folder, options.held_out, options.output or options.folder / "evaluation.json")


if __name__ == "__main__":
    main()
