"""What the runners share: cases by name, timing, one JSON line a case."""

import argparse
import json
import re
import resource
import statistics
import time

TOKENS = 20
"""Every decode writes so many tokens: random weights hardly ever end a sequence, and `</s>` is not let to."""


class Case:
    """`encode-32x20`, `decode-128`, `beam-5x8` or `study-loop`; see `sonarsweep bench --help`."""

    def __init__(self, name):
        self.name = name
        self.kind, _, numbers = name.partition("-")
        self.numbers = [int(n) for n in re.findall(r"\d+", numbers)]
        self.unit = "sentences/s" if self.kind == "encode" else "tokens/s"

    @property
    def count(self):
        """What a run makes, in units."""
        if self.kind == "encode":
            return self.numbers[0]
        return TOKENS * (self.numbers[-1] if self.numbers else 1)


def main(peer, precisions, make):
    """`make(precision)` gives a function from a case to a function that does it once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--precision", choices=precisions, default=precisions[0])
    parser.add_argument("--case", action="append", required=True)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    prepare = make(options.precision)
    for case in map(Case, options.case):
        work = prepare(case)
        work()
        seconds = []
        for _ in range(options.repeat):
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
        rate = case.count / statistics.median(seconds)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"peer": peer, "case": case.name, "precision": options.precision, "rate": rate,
                          "unit": case.unit, "seconds": seconds, "peak_rss": peak}), flush=True)
