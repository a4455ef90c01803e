"""Stores that were damaged between two runs, and the real program on them. ResultStoreTests damage many more, more finely."""

import os
import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq
from aggregating import Aggregation
from support import DECODES, JOBS, files, query, run_job, sonarsweep


def flip(path, fraction):
    data = bytearray(path.read_bytes())
    data[int(len(data) * fraction)] ^= 0x10
    path.write_bytes(data)


def cut(path, fraction):
    os.truncate(path, int(path.stat().st_size * fraction))


CHUNK = "arrays.zarr/embedding/c/0/0/0/0"
CATALOGUE = "catalogue.sqlite"
DAMAGE = {
    "an embedding's bit": lambda store: flip(store / CHUNK, 0.7),
    "a chunk cut short": lambda store: cut(store / CHUNK, 0.5),
    "a chunk gone": lambda store: (store / CHUNK).unlink(),
    "all chunks gone": lambda store: shutil.rmtree(store / "arrays.zarr"),
    "metadata": lambda store: flip(store / "arrays.zarr/zarr.json", 0.3),
    "the catalogue's header": lambda store: flip(store / CATALOGUE, 0.0),
    "a text in the catalogue": lambda store: (store / CATALOGUE).write_bytes(
        (store / CATALOGUE).read_bytes().replace(b" the[", b" tha[", 1)),
    "the catalogue cut short": lambda store: cut(store / CATALOGUE, 0.6),
    "the catalogue empty": lambda store: cut(store / CATALOGUE, 0),
    "the catalogue gone": lambda store: (store / CATALOGUE).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_the_same_command_makes_a_damaged_store_whole(position, tmp_path, damage):
    store = tmp_path / position.name
    shutil.copytree(position, store)
    damage(store)
    assert (files(store / "arrays.zarr") != files(position / "arrays.zarr")
            or (store / CATALOGUE).exists() != (position / CATALOGUE).exists()
            or (store / CATALOGUE).read_bytes() != (position / CATALOGUE).read_bytes()), "nothing was damaged"
    run_job(JOBS / "position.yaml", tmp_path, "--workers", "1")
    assert files(store / "arrays.zarr") == files(position / "arrays.zarr")
    assert query(store, DECODES) == query(position, DECODES)
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    before = (store / CATALOGUE).read_bytes()
    assert "is complete already" in sonarsweep("run", JOBS / "position.yaml", "--results", tmp_path).stderr
    assert (store / CATALOGUE).read_bytes() == before


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The store of a dozen units."""
    results = tmp_path_factory.mktemp("small") / "results"
    with zmq.Context() as context, Aggregation(context, results) as run:
        run.run()
    return run.store


def mutate(path, random):
    data = bytearray(path.read_bytes())
    for _ in range(random.choice([1, 1, 4, 64])):
        place = random.randrange(len(data))
        match random.randrange(4):
            case 0:
                data[place] ^= 1 << random.randrange(8)
            case 1:
                data[place:place + 16] = random.randbytes(16)
            case 2:
                data[place:place + 8] = random.choice([bytes(8), b"\xff" * 8, b"\x7f" + b"\xff" * 7])
            case 3:
                page = place // 4096 * 4096
                data[page:page + 4096] = data[0:4096]
    if random.randrange(6) == 0:
        del data[random.randrange(len(data)):]
    path.write_bytes(data)


def test_results_of_mutated_catalogues_are_shown_or_refused_in_words(small, tmp_path):
    def show(seed):
        results = tmp_path / str(seed)
        store = results / small.name
        store.mkdir(parents=True)
        shutil.copy(small / CATALOGUE, store)
        mutate(store / CATALOGUE, random.Random(seed))
        for command in (["list"], ["show", small.name], ["show", small.name, "--output", "json"],
                        ["failures", small.name]):
            done = sonarsweep("results", *command, "--results", results)
            assert done.returncode in (0, 1), f"seed {seed}: {command} {done.returncode}: {done.stderr[-500:]}"
            assert done.returncode == 0 or done.stderr.strip(), f"seed {seed}: {command} says nothing"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(show, range(100)))
