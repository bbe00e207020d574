"""Wrecked recordings: each ends as done, or as failed with a cause that a person understands; memory is bounded."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.serving import Server, start_server
from benchmarks.soak import sounds
from benchmarks.soak.trial import UNLIMITED, Say, Sum, watched
from benchmarks.soak.wrecks import Wreck, wreck

GOOD_EVERY = 20
"""After so many wrecks, and at the end, a good recording must be done."""

MAX_DURATION_S = 600.0
WORKER_BYTES = 4_000_000_000
SERVER_BYTES = 1_000_000_000
"""More than this the server itself must never hold."""


def damaged(folder: Path, *, count: int, seed: int, say: Say) -> Sum:
    """So many wrecks sent to a server, one after the other."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    server = start_server(
        folder / "qa.duckdb",
        log=folder / "qa.log",
        QA_MAX_DURATION_S=str(MAX_DURATION_S),
        QA_WORKER_MEMORY_BYTES=str(WORKER_BYTES),
        **UNLIMITED,
    )
    broken: list[str] = []
    ends: Counter[str] = Counter()
    with watched(server.workers) as workers, watched(lambda: [server.process.pid]) as own:
        for index in range(count):
            sent = wreck(rng)
            end, sentence = _sent(server, sent)
            ends[end] += 1
            if sentence is not None:
                kept = folder / f"{index}-{sent.name}"
                kept.write_bytes(sent.data)
                broken.append(f"{kept.name} ({sent.kind}): {sentence}")
            if (index + 1) % GOOD_EVERY == 0 or index + 1 == count:
                broken += _good(server, rng, index)
            say(f"damaged: {index + 1} of {count}, {dict(ends)}, {len(broken)} promises broken")
    if own.bytes > SERVER_BYTES:
        broken.append(f"the server held {own.bytes / 1e6:,.0f} MB")
    if workers.bytes > WORKER_BYTES:
        broken.append(f"a worker held {workers.bytes / 1e6:,.0f} MB")
    if (code := server.stop()) != 0:
        broken.append(f"told to stop, the server ended with {code}")
    figures: dict[str, float | int | str] = dict(sorted(ends.items()))
    return Sum(
        {"sent": count, **figures, "server_peak_mb": own.bytes / 1e6, "worker_peak_mb": workers.bytes / 1e6},
        tuple(broken),
    )


def fault(error: str | None) -> str | None:
    """What is wrong with an error as a sentence for people; None where nothing is."""
    if not error:
        return "it says no cause"
    if "\n" in error or "Traceback" in error or "went wrong that should not" in error:
        return f"its cause is not for people: {error!r}"
    if re.search(r"[0-9a-f]{64}|/tmp/|\.files/", error):
        return f"its cause names where the server keeps it: {error!r}"
    if "its worker was lost" in error:
        return f"it took its worker with it: {error!r}"
    return None


def _sent(server: Server, sent: Wreck) -> tuple[str, str | None]:
    """How it ended, and what is wrong with that."""
    answer = server.client.post("/api/calls", files={"recording": (sent.name, sent.data)}, data={"team": "North"})
    if 400 <= answer.status_code < 500:
        return "refused", fault(answer.json()["detail"])
    if answer.status_code != 202:
        return "refused", f"{answer.status_code}: {answer.text[:300]}"
    try:
        call: dict[str, Any] = server.ended(answer.json()["call_id"])
    except TimeoutError:
        return "endless", "it has not ended after two minutes"
    return call["state"], None if call["state"] == "done" else fault(call["error"])


def _good(server: Server, rng: random.Random, index: int) -> list[str]:
    files = {"recording": (f"good-{index}.wav", sounds.wav(sounds.piece(rng, length_s=2.0)))}
    answer = server.client.post("/api/calls", files=files, data={"team": "Good"})
    call = server.ended(answer.json()["call_id"])
    return [] if call["state"] == "done" else [f"a good recording is {call['state']}: {call['error']}"]
