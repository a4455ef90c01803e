"""Imports the model that full.py wrote and compares what the program answers with expected.json, row by row.

usage: compare_full.py [DIRECTORY]; the program is .build/release/sonarsweep, or what SONARSWEEP names
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("SONARSWEEP", str(REPOSITORY / ".build/release/sonarsweep"))
NAME = "sonar-random"
EMBEDDING, LOGITS, SCORE = 1e-4, 1e-3, 1e-3
"""How far from the official answer is too far: relative to the largest number of an embedding or a row of logits; a
log-probability in nats."""


class Table:
    """Prints a Markdown table and remembers whether every row was good."""

    def __init__(self):
        self.good = True
        print("| case | measure | difference | allowed | |\n|---|---|---|---|---|")

    def row(self, case, measure, difference, allowed):
        good = difference <= allowed
        self.good &= bool(good)
        print(f"| {case} | {measure} | {difference:.2g} | {allowed:g} | {'good' if good else 'WRONG'} |", flush=True)

    def same(self, case, measure, ours, theirs):
        self.row(case, measure, sum(a != b for a, b in zip(ours, theirs)) + abs(len(ours) - len(theirs)), 0)


def relative(ours, theirs):
    ours, theirs = np.array(ours), np.array(theirs)
    return float("inf") if ours.shape != theirs.shape else float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def main(directory):
    models, expected = directory / "models", json.loads((directory / "expected.json").read_text())
    if not (models / NAME).exists():
        subprocess.run(
            [BINARY, "model", "import", "--encoder", directory / "encoder.pt", "--decoder", directory / "decoder.pt",
             "--tokenizer", directory / "spm.model", "--name", NAME, "--into", models], check=True)

    def ask(command, rows):
        done = subprocess.run(
            [BINARY, command, "--model", NAME, "--model-path", str(models), "--input", "-"], check=True, text=True,
            input="".join(json.dumps(row) + "\n" for row in rows), stdout=subprocess.PIPE)
        return [json.loads(line) for line in done.stdout.splitlines()]

    table = Table()
    texts, raw = expected["text"], expected["raw"]
    answers = ask("encode", [pick(case, "text", "language") for case in texts] + [pick(case, "ids") for case in raw])
    for case, answer in zip(texts + raw, answers, strict=True):
        what = f"encode {len(case['ids'])} tokens"
        if "text" in case:
            table.same(f"{what} of text", "ids that differ", answer["ids"], case["ids"])
        table.row(what, "embedding", relative(answer["embedding"], case["embedding"]), EMBEDDING)
    for case, answer in zip(expected["logits"], ask("logits", [pick(c, "embedding", "ids") for c in expected["logits"]]),
                            strict=True):
        table.row(f"logits after {len(case['ids'])} tokens", "logits", relative(answer["logits"], case["last_logits"]),
                  LOGITS)
    decodes = expected["greedy"] + expected["beam"]
    rows = [pick(case, "embedding", "language") | {"max_tokens": case["max_new_tokens"]}
            | ({"beam": case["beam_size"]} if "beam_size" in case else {}) for case in decodes]
    for case, answer in zip(decodes, ask("decode", rows), strict=True):
        if "beam_size" not in case:
            what = f"greedy, {case['language']}"
            table.same(what, "ids that differ", answer["ids"], case["ids"][2:])
            table.row(what, "log-probability", abs(answer["log_probability"] - case["log_probability"]), SCORE)
            continue
        for i, (ours, theirs) in enumerate(zip(answer["hypotheses"], case["hypotheses"], strict=True), 1):
            what = f"beam {case['beam_size']}, {case['language']}, hypothesis {i}"
            table.same(what, "ids that differ", ours["ids"], theirs["ids"])
            table.row(what, "score", abs(ours["score"] - theirs["score"]), SCORE)
    return table.good


def pick(case, *keys):
    return {key: case[key] for key in keys}


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1] if sys.argv[1:] else ".full")) else 1)
