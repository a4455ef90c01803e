"""Ours beside the peers' at SONAR's full size with random weights: A B A B, one thread each, one process at a time.

usage: bench_peers.py [--rounds N] [--case NAME ...] [--only PEER-PRECISION ...] > table.md; progress goes to standard error
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BINARY = os.environ.get("SONARSWEEP", str(HERE.parents[1] / ".build/release/sonarsweep"))
MODEL = os.environ.get("PEERS", ".full") + "/random"
CASES = ("encode-32x20", "encode-128x10", "encode-1x20", "decode-1", "decode-32", "decode-128", "beam-5x8")
OPPONENTS = {"official-fp32": ("peer_official.py", "fp32", (*CASES, "study-loop")),
             "official-bf16": ("peer_official.py", "bf16", CASES),
             "ctranslate2-int8": ("peer_ctranslate2.py", "int8", CASES)}
COUNTERPART = {"study-loop": "decode-128"}
"""The study decoded one sequence at a time, without a cache; what we would do with its work is this."""


def measure(command, cases):
    for case in cases:
        command += ["--case", case]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True,
                          env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})
    return {row["case"]: row for row in map(json.loads, done.stdout.splitlines())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=1, help="runs of a case in a turn, after one that warms up")
    parser.add_argument("--case", action="append")
    parser.add_argument("--only", action="append", choices=OPPONENTS)
    options = parser.parse_args()
    print("| case | precision | ours | peer | | ratio | of bare products |\n|---|---|---|---|---|---|---|")
    for name in options.only or OPPONENTS:
        script, precision, cases = OPPONENTS[name]
        cases = [case for case in cases if not options.case or case in options.case]
        ours, theirs = [], []
        for turn in range(options.rounds):
            print(f"{name}, round {turn + 1} of {options.rounds}", file=sys.stderr, flush=True)
            repeat = ["--precision", precision, "--repeat", str(options.repeat)]
            theirs.append(measure([sys.executable, str(HERE / script), *repeat], cases))
            ours.append(measure([BINARY, "bench", "--model", f"./{MODEL}", "--output", "json", *repeat],
                                dict.fromkeys(COUNTERPART.get(case, case) for case in cases)))
        for case in cases:
            def rate(turns, case):
                # A rate over all runs of all turns.
                rows = [turn[case] for turn in turns]
                work = statistics.median(row["rate"] * statistics.median(row["seconds"]) for row in rows)
                return work / statistics.median(s for row in rows for s in row["seconds"])

            counterpart = COUNTERPART.get(case, case)
            mine, other = rate(ours, counterpart), rate(theirs, case)
            limit = statistics.median(turn[counterpart]["share_of_limit"] for turn in ours)
            label = case if counterpart == case else f"{counterpart} against {case}"
            print(f"| {label} | {precision} | {mine:.3g} | {other:.3g} {name.split('-')[0]} | "
                  f"{theirs[0][case]['unit']} | {mine / other:.2f} | {limit:.0%} |", flush=True)


if __name__ == "__main__":
    main()
