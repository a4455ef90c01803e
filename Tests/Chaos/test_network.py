"""The fleet's links are cut, stalled and reset, by proxies everywhere and for real in a network namespace where that is
permitted. The finished store is the undisturbed run's."""

import subprocess
import time

import pytest
from fleet import PAST_THE_LEASE, Fleet
from jobs import ALL
from stores import check_same
from support import wait_for

# ZMTP's greeting has 64 bytes; then come its handshake and messages: small ones but for the records.
COUNTS = {
    "worker-coordinator": (1, 64, 130, 300, 700, 1500),
    "worker-aggregator": (1, 130, 500, 2000, 10_000, 40_000),
    "aggregator-coordinator": (1, 64, 130, 300, 600, 1000),
}
CASES = [f"{link}:{count}:{action}" for link, counts in COUNTS.items() for count in counts
         for action in ("cut", "stall", "reset")]


@pytest.fixture(scope="module")
def outcomes(side_by_side, references, tmp_path_factory):
    directory = tmp_path_factory.mktemp("network")
    return side_by_side("test_a_link_may_fail_at_any_byte",
                        lambda case: disturb(case, directory / case.replace(":", "-"), references))


@pytest.mark.parametrize("case", CASES)
def test_a_link_may_fail_at_any_byte(case, outcomes):
    outcomes[case].result()


def disturb(case, directory, references):
    link, count, action = case.split(":")
    name = ("null", "decoded")[sum(case.encode()) % 2]
    job = ALL[name]
    with Fleet(directory, workers=0, model=job.model, proxied=True) as fleet:
        fleet.links[link].disturb_after(int(count), action)
        for _ in range(2):
            fleet.start_worker()
        submitted = fleet.submit(job.spec)
        fleet.wait_until_done(submitted)
        wait_for(lambda: fleet.links[link].disturbed == 1, f"{count} bytes to have passed")
        assert fleet.deaths() == {}
    check_same(fleet.results / submitted, references[name], job.units)


# A real network


def ip(*arguments, check=True):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0 or not check, done.stderr
    return done.returncode == 0


COORDINATOR, AGGREGATOR = "127.0.0.2", "127.0.0.3"


def set_everyone(is_up):
    ip("link", "set", "lo", "up" if is_up else "down")


def set_address(address, is_up):
    """Drops every packet from and to an address: routes are looked up for each."""
    for direction in ("from", "to"):
        ip("rule", "del" if is_up else "add", direction, address, "pref", "10", "blackhole")


def test_a_real_network_is_cut(isolated, references, tmp_path):
    if not isolated("--net"):
        return
    set_everyone(True)
    cuts = [set_everyone]
    # Our rules must come before the one that finds local addresses. Not every kernel has rules.
    if ip("rule", "add", "pref", "20", "table", "local", check=False):
        ip("rule", "del", "pref", "0")
        cuts += [lambda is_up: set_address(COORDINATOR, is_up), lambda is_up: set_address(AGGREGATOR, is_up)]
    job = ALL["beam"]
    with Fleet(tmp_path, model=job.model, tcp=True, addresses=(COORDINATOR, AGGREGATOR)) as fleet:
        submitted = fleet.submit(job.spec)
        done = 0
        for cut in cuts:
            status = fleet.wait_until(submitted, lambda status: status["done"] > done, f"more than {done} units")
            done = status["done"]
            assert status["phase"] == "running", "the job must be longer"
            cut(False)
            # How long the cut lasts; leases go by the clock.
            time.sleep(PAST_THE_LEASE)
            cut(True)
        fleet.wait_until_done(submitted)
        assert fleet.deaths() == {}
    check_same(fleet.results / submitted, references["beam"], job.units)
