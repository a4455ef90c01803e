"""The conformance worker with bad habits: python odd_worker.py [--kill UNIT] [--stop UNIT] [--delay SECONDS] ENDPOINT

It kills or stops itself when it comes to a unit, or takes long for every unit.
"""

import argparse
import os
import signal
import sys
import time

import python_worker


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("endpoint")
    parser.add_argument("--kill", type=int, help="a unit that ends the process")
    parser.add_argument("--stop", type=int, help="a unit that the process hangs on, heartbeats and all")
    parser.add_argument("--delay", type=float, default=0, help="seconds for each unit")
    options = parser.parse_args()

    class OddJob(python_worker.Job):
        def embedding(self, unit):
            for number, poison in ((signal.SIGKILL, options.kill), (signal.SIGSTOP, options.stop)):
                if unit == poison:
                    os.kill(os.getpid(), number)
            time.sleep(options.delay)
            return super().embedding(unit)

    class OddWorker(python_worker.Worker):
        def from_coordinator(self, message):
            if message["type"] == "lease":
                print("lease", *message["units"], message["attempt"], flush=True)
            super().from_coordinator(message)

    python_worker.Job, python_worker.Worker = OddJob, OddWorker
    python_worker.BATCH = 1 if options.delay else python_worker.BATCH
    sys.argv[1:] = [options.endpoint]
    python_worker.main()


if __name__ == "__main__":
    main()
