"""Takes out, one at a time, what keeps each promise, and sees that its test fails. Changes sources while it runs, and puts
them back: start it in a clean checkout (`make test-mechanisms` makes one).

usage: mechanisms.py [NAME ...]
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [os.environ.get("PYTHON", sys.executable), "-m", "pytest", "-q", "-x"]


def swift(filter):
    return ["swift", "test", "-c", "release", "--skip-build", "--filter", filter]


# name: promise of the design (8: the fleet is shared as people ask for), file, what is there, what is put in its place, the test
MECHANISMS = {
    "returned-units": (
        1, "Sources/Coordinator/LeaseTable.swift",
        "!lease.isComputed else {\n      for range in lease.units.ranges {",
        "!lease.isComputed else {\n      for range in lease.units.ranges.dropFirst() {", swift("SimulationTests.SimulationTests/seeds")),
    "one-row-per-unit": (
        1, "Sources/ResultStore/ResultStore.swift",
        "if !committed.contains(record.unit) {", "if record.unit < .max {", swift("ResultStoreTests")),
    "acknowledge-after-commit": (
        1, "Sources/Aggregator/AggregatorState.swift",
        "    queue(batch, from: worker, peer, bytes: bytes)\n    return []",
        "    queue(batch, from: worker, peer, bytes: bytes)\n    return [.sendWorker(.acknowledge("
        "Acknowledgement(committed: [batch.batch], creditBytes: credit)), peer)]", swift("AggregatorTests")),
    "resend": (
        1, "Sources/Worker/WorkerState.swift",
        "now - last >= resendAfter else { return [] }", "now - last >= resendAfter * 1000 else { return [] }",
        swift("WorkerTests")),
    "ask-again": (
        1, "Sources/Coordinator/CoordinatorState+Jobs.swift",
        "      commands += ask(id, at: now)", "      _ = ask(id, at: now)", swift("SimulationTests.SimulationTests/seeds")),
    "journal": (
        2, "Sources/Coordinator/CoordinatorService.swift",
        "try journal?.keep(record)", "_ = record", [*PYTEST, "Tests/Chaos/test_points.py", "-k", "coordinator"]),
    "store-is-believed": (
        2, "Sources/Coordinator/CoordinatorState+Jobs.swift",
        "LeaseTable(unitCount: unitCount, committed: committed)", "LeaseTable(unitCount: unitCount, committed: UnitSet())",
        swift("CoordinatorTests")),
    "checksums": (
        2, "Sources/ResultStore/StoreVerification.swift",
        "guard record.checksum(stored: values) == checksum else", "guard record.checksum(stored: values) == checksum || true else",
        swift("DamageTests")),
    "scale-per-row": (
        3, "Sources/CVectorKernels/Kernels.h",
        "float bound = __builtin_reduce_max(largest);",
        "static float bound; if (__builtin_reduce_max(largest) > bound) bound = __builtin_reduce_max(largest);",
        swift("BatchInvarianceTests")),
    "bisection": (
        4, "Sources/Coordinator/LeaseTable.swift",
        "guard loss == .workerLost, !lease.isComputed else {", "guard loss == .workerLost, lease.attempt < 0 else {",
        [*PYTEST, "Tests/Chaos/test_poison.py", "-k", "two_poisoned"]),
    "tail-lending": (
        4, "Sources/Coordinator/CoordinatorState+Leases.swift",
        "private static let loansPerTick = 16", "private static let loansPerTick = 0",
        [*PYTEST, "Tests/Chaos/test_poison.py", "-k", "slower"]),
    "credit": (
        5, "Sources/Worker/WorkerState.swift",
        "unacknowledgedBytes < creditBytes || endBy != nil", "unacknowledgedBytes < creditBytes || creditBytes >= 0",
        swift("WorkerTests")),
    "storage-stalls-the-fleet": (
        5, "Sources/Coordinator/CoordinatorState.swift",
        "    return aggregator.problem\n", "    return String(aggregator.problem.prefix(0))\n", swift("CoordinatorTests")),
    "loopback-only": (
        6, "Sources/sonarsweep/Support/EndpointRules.swift",
        "guard hasKeys || endpoint.reach == .machine else {", "guard hasKeys || !text.isEmpty else {",
        swift("RoleTests/wideBind")),
    "allow-list": (
        6, "Sources/FleetSecurity/Gate.swift",
        "if entry(of: request.key) != nil { return", "if entry(of: request.key) != nil || !request.key.rawValue.isEmpty { return",
        [*PYTEST, "Tests/Conformance/test_security.py", "-k", "strangers"]),
    "roles": (
        6, "Sources/FleetSecurity/Gate.swift",
        "guard message.senders.intersection(roles).contains(entry.role) else {",
        "guard message.senders.intersection(roles).contains(entry.role) || roles.count > 0 else {",
        [*PYTEST, "Tests/Conformance/test_security.py", "-k", "role or only_workers"]),
    "limits-of-messages": (
        6, "Sources/Messaging/MessagePackDecoding.swift",
        "    try limits.check(bytes)\n", "    _ = limits\n",
        swift("MessagePackTests")),
    "committed-counts": (
        7, "Sources/Coordinator/CoordinatorState+Sharing.swift",
        "    workers[worker]?.unitsComputed += units\n",
        "    workers[worker]?.unitsComputed += units\n    jobs[grant.job]?.counts.done += units\n",
        swift("CoordinatorTests")),
    "fair-sharing": (
        8, "Sources/Coordinator/FairShare.swift",
        "virtualTime += seconds / Double(priority.rawValue)", "virtualTime += seconds / Double(min(priority.rawValue, 1))",
        swift("FairSharingTests")),
    "no-debts": (
        8, "Sources/Coordinator/FairShare.swift",
        "{ virtualTime = max(virtualTime, clock) }", "{ virtualTime = max(virtualTime, min(clock, 0)) }",
        swift("FairSharingTests")),
    "turns": (
        8, "Sources/Coordinator/CoordinatorState+Places.swift",
        "if let first { jobs[first.id]?.isYielding = true }", "if let first { jobs[first.id]?.isYielding = false }",
        swift("JobQueueTests")),
    "bounded-stores": (
        5, "Sources/Coordinator/CoordinatorState+Stores.swift",
        "while open.count + closing.count < settings.maximumOpenJobs,", "while open.count < settings.maximumJobs,",
        swift("JobQueueTests")),
    "pause": (
        8, "Sources/Coordinator/CoordinatorEntries.swift",
        "var isLeaving: Bool { isPaused || isYielding }", "var isLeaving: Bool { isYielding }", swift("PhaseTests")),
    "pause-is-kept": (
        2, "Sources/Coordinator/CoordinatorEntries.swift",
        "(record.submittedAt, record.startedAt, record.isPaused)", "(record.submittedAt, record.startedAt, false)",
        swift("PhaseTests")),
    "cancel-closes": (
        8, "Sources/Coordinator/CoordinatorState+Requests.swift",
        "let close = isOpen ? closeStore(id, at: now) : []", "let close: [Command] = isOpen ? [] : []", swift("PhaseTests")),
    "retry-once": (
        8, "Sources/Coordinator/CoordinatorState+Jobs.swift",
        "order.number == opened.retried {", "order.number >= opened.retried {", swift("RetryTests")),
    "drain": (
        8, "Sources/Coordinator/CoordinatorState+Leases.swift",
        "guard workers[worker]?.isDraining == false else { return [] }", "guard workers[worker] != nil else { return [] }",
        swift("DrainTests")),
    "counted-commits": (
        7, "Sources/Coordinator/CoordinatorState+Jobs.swift",
        "if isCommit, let before = jobs[id]?.counts {", "if let before = jobs[id]?.counts {",
        [*PYTEST, "Tests/Service/test_metrics.py", "-k", "durable"]),
}


def build():
    done = subprocess.run(["swift", "build", "-c", "release", "--build-tests"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def main():
    build()
    survivors = []
    for name in sys.argv[1:] or MECHANISMS:
        promise, file, before, after, test = MECHANISMS[name]
        path = ROOT / file
        source = path.read_text()
        assert source.count(before) == 1, f"{name}: {file} has changed; say anew what the mechanism is"
        path.write_text(source.replace(before, after))
        try:
            build()
            done = subprocess.run(test, cwd=ROOT, capture_output=True, text=True, timeout=900)
            found = done.returncode != 0
        except subprocess.TimeoutExpired:
            found = True
        finally:
            path.write_text(source)
        print(f"promise {promise}, {name}: {'the test fails' if found else 'NOT FOUND'} ({' '.join(test[-3:])})", flush=True)
        if not found:
            survivors.append(name)
    sys.exit(f"not found: {', '.join(survivors)}" if survivors else 0)


if __name__ == "__main__":
    main()
