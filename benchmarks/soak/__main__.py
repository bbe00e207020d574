"""`python -m benchmarks.soak NAME [--count N] [--seed S]`: a long trial of the service; `all` are all of them.

Prints a line a minute and a sum at the end. The exit code is 1 where a promise was broken; the store and the server's
log then stay where the last line says.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks.soak.clients import clients
from benchmarks.soak.contract import contract
from benchmarks.soak.damaged import damaged
from benchmarks.soak.kills import kills
from benchmarks.soak.lacks import lacks
from benchmarks.soak.trial import Say, Sum, minutes


class Run(Protocol):
    """A trial: so many of what it counts, the same ones for the same seed, with a store in an empty folder."""

    def __call__(self, folder: Path, *, count: int, seed: int, say: Say) -> Sum: ...


class Trial(NamedTuple):
    """A trial, how many of what it counts make a long one, and what those are."""

    run: Run
    long: int
    of: str


TRIALS = {
    "kills": Trial(kills, 100, "rounds of traffic, kill and restart"),
    "lacks": Trial(lacks, 60, "rounds of traffic in which something is missing"),
    "damaged": Trial(damaged, 2000, "wrecked recordings"),
    "clients": Trial(clients, 5000, "small recordings in the queue"),
    "contract": Trial(contract, 200, "requests of each kind to each operation"),
}


def main() -> int:
    """Run what is asked for; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("name", choices=["all", *TRIALS])
    parser.add_argument("--count", type=int, help="; ".join(f"{name}: {one.of}" for name, one in TRIALS.items()))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    names = list(TRIALS) if asked.name == "all" else [asked.name]
    return max(_run(name, count=asked.count or TRIALS[name].long, seed=asked.seed) for name in names)


def _run(name: str, *, count: int, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix=f"soak-{name}-"))
    done = TRIALS[name].run(folder, count=count, seed=seed, say=minutes(lambda line: print(line, flush=True)))
    print(f"{name} --count {count} --seed {seed}")
    for figure, value in done.figures.items():
        print(f"  {figure:<24}{value:>12,.6g}" if isinstance(value, int | float) else f"  {figure:<24}{value:>12}")
    for sentence in done.broken:
        print(f"  broken: {sentence}")
    if not done.broken:
        print("  no promise broken", flush=True)
        shutil.rmtree(folder)
        return 0
    print(f"  {len(done.broken)} broken; the store and the server's log are in {folder}", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
