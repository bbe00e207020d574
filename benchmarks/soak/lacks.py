"""What the machine lacks for a while, amid traffic: room on the disk, or the speech model.

Nothing that was acknowledged is lost, no job fails for it, and the server is ready again by itself once it is back.
Where a small disk can be mounted (as root), the store lies on one that is filled to the last byte; else the server may
make no file larger.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.serving import NO_CACHES, Server, start_server, until, without_room
from benchmarks.soak.kills import all_done, compare_keys, compare_sound, listed, once_each
from benchmarks.soak.ledger import Ledger
from benchmarks.soak.traffic import Traffic
from benchmarks.soak.trial import UNLIMITED, Say, Sum
from qa import Store
from transcription import models

RECORDINGS, TEXTS, CLIENTS = 4, 3, 4
DISK_BYTES = 256 << 20
LONGEST_S = 8.0
"""How long something is missing at the most."""

READY_WITHIN_S = 150.0
"""By when the server is ready once nothing is missing: a job that is tried, after a minute at the most."""

PUT_OFF = (503, 507)


def lacks(folder: Path, *, count: int, seed: int, say: Say) -> Sum:
    """So many rounds of traffic in each of which something is missing for a while, with restarts in between."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    ledger = Ledger()
    figures: dict[str, float | int | str] = dict.fromkeys(
        ("rounds", "asked", "put_off_503", "put_off_507", "disk", "model", "damage", "restarts"), 0
    )
    with _disk(folder) as disk:
        path, model = disk / "qa.duckdb", _linked(folder / "model")
        with Store.open(path) as store:
            key = store.create_key(name="trial", roles=["administer"])[1]
        environment = {**UNLIMITED, **NO_CACHES, "QA_MODEL": str(model)}

        def begin() -> Server:
            server = start_server(path, log=folder / "log", **environment)
            server.client.headers["Authorization"] = f"Bearer {key}"
            return server

        faults: dict[str, Callable[[Server], None]] = {
            "disk": lambda server: _without_disk(server, disk, rng),
            "model": lambda server: _without_model(server, model, rng, damaged=False),
            "damage": lambda server: _without_model(server, model, rng, damaged=True),
        }
        server = begin()
        for index in range(count):
            traffic = Traffic(
                server, ledger, seed=f"{seed}-{index}", recordings=RECORDINGS, texts=TEXTS, clients=CLIENTS,
                put_off=PUT_OFF,
            )  # fmt: skip
            time.sleep(rng.uniform(0.1, 2.0))  # the moment is what is random
            name = [*faults][index % len(faults)]
            try:
                faults[name](server)
            finally:
                traffic.stop()
            _wait_until_ready(server, ledger)
            if rng.random() < 0.3:
                if (code := server.stop(rng.choice([signal.SIGTERM, signal.SIGKILL]))) > 0:
                    ledger.broken.append(f"told to stop, the server ended with {code}")
                server = begin()
                figures["restarts"] = int(figures["restarts"]) + 1
            ledger.compare(listed(server), log_whole=True)
            compare_keys(server, ledger)
            compare_sound(server, ledger, rng)
            more = {
                "rounds": 1,
                "asked": traffic.asked,
                name: 1,
                **{f"put_off_{s}": traffic.put_off[s] for s in PUT_OFF},
            }
            figures |= {figure: int(figures[figure]) + n for figure, n in more.items()}
            say(f"lacks: round {index + 1} of {count}, {len(ledger.calls)} calls, {len(ledger.broken)} promises broken")
        all_done(server, ledger)
        if (code := server.stop()) != 0:
            ledger.broken.append(f"told to stop, the server ended with {code}")
        once_each(path, ledger)
    return Sum(figures | {"calls": len(ledger.calls)}, tuple(ledger.broken))


def _wait_until_ready(server: Server, ledger: Ledger) -> None:
    try:
        until(lambda: server.client.get("/readyz").status_code == httpx.codes.OK, within_s=READY_WITHIN_S)
    except TimeoutError:
        jobs = server.client.get("/api/jobs", params={"state": "running"}).text
        ledger.broken.append(f"not ready again: {server.client.get('/readyz').text}, {jobs}")


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own, or the folder where none can be mounted."""
    small = folder / "disk"
    small.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs"]
    mounted = subprocess.run(["mount", *options, str(small)], capture_output=True, check=False).returncode == 0
    try:
        yield small
    finally:
        if mounted:
            shutil.copytree(small, folder / "left", ignore=shutil.ignore_patterns("ballast"))
            subprocess.run(["umount", "--lazy", str(small)], check=True)


def _without_disk(server: Server, disk: Path, rng: random.Random) -> None:
    """Filled but for some kilobytes, again and again as room comes free."""
    end_s = time.monotonic() + rng.uniform(1.0, LONGEST_S)
    left = rng.choice([0, 4096, 100_000, 1_000_000])
    if not disk.is_mount():
        with without_room(above_bytes=left, process_id=server.process.pid):
            time.sleep(end_s - time.monotonic())
        return
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while time.monotonic() < end_s:
            free = shutil.disk_usage(disk).free - left
            if free > 0:
                with contextlib.suppress(OSError):  # the server was quicker
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)
            time.sleep(0.01)
    ballast.unlink()


def _without_model(server: Server, model: Path, rng: random.Random, *, damaged: bool) -> None:
    """Gone or damaged, and the processes lost that have it in memory."""
    away = model.rename(model.with_name("away"))
    if damaged:
        weights = bytearray((away / "model.bin").read_bytes())
        weights[rng.randrange(len(weights))] ^= 1 << rng.randrange(8)
        _linked(model)
        (model / "model.bin").unlink()
        (model / "model.bin").write_bytes(weights)
    for worker in server.workers():
        os.kill(worker, signal.SIGKILL)
    time.sleep(rng.uniform(1.0, LONGEST_S))
    if damaged:
        shutil.rmtree(model)
    away.rename(model)


def _linked(folder: Path) -> Path:
    """A folder of links to the files of tiny.en."""
    folder.mkdir()
    for file in models.locate("tiny.en").dir.iterdir():
        (folder / file.name).symlink_to(file)
    return folder
