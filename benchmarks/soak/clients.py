"""Many clients at once and a long queue: everything arrives, and who reads is answered while every core transcribes."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.serving import Server, start_server
from benchmarks.soak import sounds
from benchmarks.soak.damaged import fault
from benchmarks.soak.trial import UNLIMITED, Say, Sum, watched

AT_ONCE = 50
LARGE_BYTES = 10_000_000
SENDERS = 8
"""How many clients send the small ones."""

READS = 300
"""How often each kind of page is read."""

HOLD_S = 100.0
"""The length of the recordings that keep the workers busy."""


def clients(
    folder: Path, *, count: int, seed: int, say: Say, at_once: int = AT_ONCE, large_bytes: int = LARGE_BYTES,
    reads: int = READS, hold_s: float = HOLD_S,
) -> Sum:  # fmt: skip
    """`at_once` clients with a large recording each at once, then `count` small ones in the queue, and reads beside."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    workers = os.cpu_count() or 1
    server = start_server(folder / "qa.duckdb", log=folder / "qa.log", QA_WORKERS=str(workers), **UNLIMITED)
    sent: dict[str, int] = {}  # bytes by call id
    broken: list[str] = []
    figures: dict[str, float | int | str] = {"workers": workers}
    with watched(lambda: [server.process.pid]) as own:
        begun = time.monotonic()
        with ThreadPoolExecutor(at_once) as pool:
            large = [_large(rng, large_bytes) for _ in range(at_once)]
            _send_all(server, pool, large, sent=sent, broken=broken, say=say)
        figures |= {"large": len(large), "large_s": time.monotonic() - begun, "server_peak_large_mb": own.bytes / 1e6}
        hold = [sounds.wav(sounds.piece(rng, length_s=hold_s)) for _ in range(4 * workers)]
        small = (sounds.wav(sounds.piece(rng, length_s=0.25)) for _ in range(count))
        begun = time.monotonic()
        with ThreadPoolExecutor(SENDERS) as pool:
            _send_all(server, pool, [*hold, *small], sent=sent, broken=broken, say=say)
        figures |= {"small": count, "small_s": time.monotonic() - begun}
        say("clients: reading")
        figures |= _reading(server, list(sent), reads, rng, broken)
        failed = server.client.get("/api/jobs", params={"state": "failed", "limit": 500}).json()["jobs"]
        broken += [f"call {job['call_id']}: {wrong}" for job in failed if (wrong := fault(job["error"]))]
        figures |= {f"calls_{state}": number for state, number in _states(server).items()}
    figures["server_peak_mb"] = own.bytes / 1e6
    listed = set(_listed(server))
    broken += [f"call {call_id} was taken and is not listed" for call_id in sent.keys() - listed]
    if len(sent) != len(large) + len(hold) + count or listed != set(sent):
        broken.append(f"{len(large) + len(hold) + count} were sent, {len(sent)} taken, {len(listed)} are listed")
    for call_id, size_bytes in rng.sample(sorted(sent.items()), min(100, len(sent))):
        kept = len(server.client.get(f"/api/calls/{call_id}/recording").content)
        if kept != size_bytes:
            broken.append(f"call {call_id}: {size_bytes} bytes were sent, {kept} are kept")
    if (code := server.stop()) != 0:
        broken.append(f"told to stop, the server ended with {code}")
    return Sum(figures, tuple(broken))


def _large(rng: random.Random, size_bytes: int) -> bytes:
    """Noise at a high rate: many bytes, few seconds, and no speech to transcribe."""
    noise = np.frombuffer(rng.randbytes(size_bytes // 4 * 4), dtype=np.int16).reshape(2, -1)
    return sounds.wav(noise, rate=192_000)


def _send_all(
    server: Server,
    pool: ThreadPoolExecutor,
    recordings: list[bytes],
    *,
    sent: dict[str, int],
    broken: list[str],
    say: Say,
) -> None:
    lock = threading.Lock()

    def send(numbered: tuple[int, bytes]) -> None:
        number, data = numbered
        said = {"X-Call-Metadata": f'{{"recording": "{number}.wav", "team": "Team {number % 7}"}}'}
        answer = server.client.post("/api/calls", content=data, headers={"Content-Type": "audio/wav"} | said)
        with lock:
            if answer.status_code == 202:
                sent[answer.json()["call_id"]] = len(data)
            else:
                broken.append(f"an upload was answered {answer.status_code}: {answer.text[:300]}")
            say(f"clients: {len(sent)} taken, {len(broken)} promises broken")

    list(pool.map(send, enumerate(recordings)))


def _reading(
    server: Server, call_ids: list[str], reads: int, rng: random.Random, broken: list[str]
) -> dict[str, float | int | str]:
    """The median and the 99th percentile of each kind of page, in milliseconds, in turns."""
    took_s: dict[str, list[float]] = {"calls": [], "call": [], "teams": []}
    running = 0
    for _ in range(reads):
        for name, times in took_s.items():
            path = {"calls": "/api/calls", "call": f"/api/calls/{rng.choice(call_ids)}", "teams": "/api/teams"}[name]
            begun = time.perf_counter()
            answer = server.client.get(path)
            times.append(time.perf_counter() - begun)
            if answer.status_code != 200:
                broken.append(f"GET {path} was answered {answer.status_code}: {answer.text[:300]}")
        running += _states(server).get("running", 0)
    figures: dict[str, float | int | str] = {"reads": reads, "running_meanwhile": running / reads}
    for name, times in took_s.items():
        figures |= {f"{name}_p50_ms": float(np.median(times)) * 1e3, f"{name}_p99_ms": _p99(times) * 1e3}
    return figures


def _p99(times: list[float]) -> float:
    return float(np.quantile(times, 0.99))


def _states(server: Server) -> dict[str, int]:
    """How many jobs are in each state, from the server's own metrics."""
    lines = server.client.get("/metrics").text.splitlines()
    found = [line.split('"') for line in lines if line.startswith("qa_jobs{state=")]
    return {state: int(float(number.removeprefix("} "))) for _, state, number in found}


def _listed(server: Server) -> Iterator[str]:
    after: str | None = None
    while True:
        given = {"limit": "500"} | ({} if after is None else {"after": after})
        page = server.client.get("/api/calls", params=given).json()
        yield from (call["call_id"] for call in page["calls"])
        after = page["next"]
        if after is None:
            return
