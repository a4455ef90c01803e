"""The same job gives the same bytes, whoever computes it and whatever dies meanwhile."""

import os
import signal

import pytest

from support import (BINARY, DECODES, JOBS, UNITS, children, committed, files, needs, only_store, query, run_job,
                     sonarsweep, wait_for)


def test_one_worker_and_three_give_the_same_bytes(language, tmp_path):
    other = run_job(JOBS / "language.yaml", tmp_path, "--workers", "3")
    assert files(other / "arrays.zarr") == files(language / "arrays.zarr")
    assert query(other, DECODES) == query(language, DECODES)


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_lower_precisions_give_the_same_bytes_too(precision, language, tmp_path):
    needs(precision)
    one, three = (run_job(JOBS / "language.yaml", tmp_path / workers, "--workers", workers, "--precision", precision)
                  for workers in ("1", "3"))
    assert files(one / "arrays.zarr") == files(three / "arrays.zarr")
    assert query(one, DECODES) == query(three, DECODES)
    assert query(one, "SELECT precision FROM job") == [(precision,)]
    assert files(one / "arrays.zarr") != files(language / "arrays.zarr")


def test_a_processor_without_a_precision_is_told_of_before_anything_starts(tmp_path, monkeypatch):
    # AVX2 alone has VNNI on some processors.
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    for precision, problem in [("bf16", "no bf16 kernels in oneDNN"), ("int8", "no exact int8 kernels, for want of VNNI")]:
        for command in [("run", JOBS / "language.yaml"), ("serve", "--workers", "1")]:
            done = sonarsweep(*command, "--precision", precision, "--results", tmp_path / "results")
            assert done.returncode == 1
            assert done.stderr == f"Error: this processor has {problem}; use fp32\n"
    assert not (tmp_path / "results").exists()


def test_a_killed_worker_costs_nothing(program, long_job, long_store, tmp_path):
    results = tmp_path / "results"
    running = program(BINARY, "run", long_job, "--results", results, "--workers", "2")
    wait_for(lambda: committed(results) >= 16, "16 committed units")
    victim = next(pid for pid, command in children(running.pid).items() if "worker" in command)
    os.kill(victim, signal.SIGKILL)
    assert running.wait() == 0
    assert f"(process {victim}) was killed by signal 9" in running.log.read_text()

    store = only_store(results)
    total = query(store, "SELECT unit_count FROM job")[0][0]
    assert [row[:2] for row in query(store, UNITS)] == [(unit, "done") for unit in range(total)]
    assert query(store, "SELECT count(*) FROM divergences") == [(0,)]
    assert files(store / "arrays.zarr") == files(long_store / "arrays.zarr")
    assert query(store, DECODES) == query(long_store, DECODES)
