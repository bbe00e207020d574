"""Kills at random moments, of the server or of a worker, and damage to the end of the store's log: nothing is lost.

After each restart all that was acknowledged is compared with what the server says.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from benchmarks.serving import Server, launch, start_server, until
from benchmarks.soak.ledger import Ledger, Said
from benchmarks.soak.traffic import Traffic
from benchmarks.soak.trial import UNLIMITED, Say, Sum
from qa import Store

RECORDINGS, TEXTS, CLIENTS = 4, 4, 4
"""How many recordings and transcripts are sent in a round, and by how many at once."""

LONGEST_S = 8.0
"""How long a server lives at the most before it is killed; the process that judges needs some two seconds to begin."""

LONG_QUEUE_S = 3600.0
"""How long what has been left over from all rounds may take in the end."""

TAIL_BYTES = 400
"""How much of the end of the log is damaged at the most."""


def kills(folder: Path, *, count: int, seed: int, say: Say) -> Sum:
    """So many rounds of traffic, kill, damage and restart on a store in `folder`, then everything is waited for."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    path, ledger = folder / "qa.duckdb", Ledger()
    with Store.open(path) as store:
        key = store.create_key(name="trial", roles=["administer"])[1]
    figures: dict[str, float | int | str] = dict.fromkeys(
        ("rounds", "asked", "server_kills", "worker_kills", "kills_while_starting", "logs_cut", "logs_flipped"), 0
    )

    def count_one(name: str, more: int = 1) -> None:
        figures[name] = int(figures[name]) + more

    server = _start(path, key)
    for index in range(count):
        traffic = Traffic(server, ledger, seed=f"{seed}-{index}", recordings=RECORDINGS, texts=TEXTS, clients=CLIENTS)
        if index == 0:
            until(lambda: bool(ledger.calls))  # else there may be nothing yet to be lost
        time.sleep(rng.uniform(0.1, LONGEST_S / 2))  # the moment is what is random
        if rng.random() < 0.4 and (workers := server.workers()):
            os.kill(rng.choice(workers), signal.SIGKILL)
            count_one("worker_kills")
        time.sleep(rng.uniform(0.0, LONGEST_S / 2))
        workers = server.workers()
        os.kill(server.process.pid, signal.SIGKILL)
        traffic.stop()
        server.stop(signal.SIGKILL)
        _ends(workers, ledger)
        count_one("server_kills")
        count_one("asked", traffic.asked)
        if rng.random() < 0.2:
            _kill_while_starting(path, rng)
            count_one("kills_while_starting")
        damage = _damage(path, rng)
        if damage is not None:
            count_one(damage)
        server = _start(path, key)
        ledger.compare(listed(server), log_whole=damage is None)
        compare_keys(server, ledger)
        compare_sound(server, ledger, rng)
        count_one("rounds")
        say(f"kills: round {index + 1} of {count}, {len(ledger.calls)} calls, {len(ledger.broken)} promises broken")
    all_done(server, ledger)
    if (code := server.stop()) != 0:
        ledger.broken.append(f"told to stop, the server ended with {code}")
    once_each(path, ledger)
    figures |= {
        "calls": len(ledger.calls),
        "cancelled": sum(call.cancelled is True for call in ledger.calls.values()),
        "keys": len(ledger.keys),
        "revoked": sum(key.revoked is True for key in ledger.keys.values()),
    }
    return Sum(figures, tuple(ledger.broken))


def listed(server: Server) -> dict[str, Said]:
    """All calls that a server lists, by id."""
    found: dict[str, Said] = {}
    after: str | None = None
    while True:
        page: dict[str, Any] = server.client.get(
            "/api/calls", params={"limit": 500} | ({"after": after} if after else {})
        ).json()
        found |= {call["call_id"]: call for call in page["calls"]}
        after = page["next"]
        if after is None:
            return found


def _start(path: Path, key: str) -> Server:
    server = start_server(path, log=path.with_suffix(".log"), **UNLIMITED)
    server.client.headers["Authorization"] = f"Bearer {key}"
    return server


def _kill_while_starting(path: Path, rng: random.Random) -> None:
    process = launch(path, log=path.with_suffix(".log"), **UNLIMITED)
    time.sleep(rng.uniform(0.2, 3.0))  # somewhere between the first import and the greeting, or just after it
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _damage(path: Path, rng: random.Random) -> str | None:
    """Cut the log's end off or change a bit of it, half of the times; says which, None where it is left alone."""
    log = path.with_name(path.name + ".wal")
    data = bytearray(log.read_bytes()) if log.exists() else bytearray()
    if not data or rng.random() < 0.5:
        return None
    back = rng.randint(1, min(TAIL_BYTES, len(data)))
    if rng.random() < 0.5:
        log.write_bytes(data[:-back])
        return "logs_cut"
    data[-back] ^= 1 << rng.randrange(8)
    log.write_bytes(data)
    return "logs_flipped"


def _ends(process_ids: list[int], ledger: Ledger) -> None:
    """The workers end with their server."""
    try:
        until(lambda: not any(Path(f"/proc/{one}").exists() for one in process_ids), within_s=10)
    except TimeoutError:
        ledger.broken.append(f"workers outlived their server: {process_ids}")


def compare_keys(server: Server, ledger: Ledger) -> None:
    """Each key is good, or revoked, as was acknowledged."""
    for key_id, key in ledger.keys.items():
        status = server.client.get("/api/teams", headers={"Authorization": f"Bearer {key.text}"}).status_code
        if key.revoked is None:
            key.revoked = status == 401
        expected = 401 if key.revoked else 200
        if status != expected:
            ledger.broken.append(f"key {key_id}: answered {status}, and not {expected}")


def compare_sound(server: Server, ledger: Ledger, rng: random.Random) -> None:
    """A few of the recordings, whole."""
    recordings = [call_id for call_id, call in ledger.calls.items() if call.is_recording]
    for call_id in rng.sample(recordings, min(10, len(recordings))):
        answer = server.client.get(f"/api/calls/{call_id}/recording")
        if answer.status_code != 200 or answer.content != ledger.calls[call_id].data:
            ledger.broken.append(f"call {call_id}: its recording is not what was sent ({answer.status_code})")


def all_done(server: Server, ledger: Ledger) -> None:
    """All that was not cancelled is scored in the end; what a kill has made fail, when it is tried again."""
    for call_id in [call_id for call_id, call in ledger.calls.items() if not call.cancelled]:
        call = server.ended(call_id, within_s=LONG_QUEUE_S)
        if call["state"] == "failed":
            job_id = next(job["job_id"] for job in _failed(server) if job["call_id"] == call_id)
            server.client.post(f"/api/jobs/{job_id}/retry")
            call = server.ended(call_id, within_s=LONG_QUEUE_S)
        if call["state"] != "done" or call["result"] is None:
            ledger.broken.append(f"call {call_id}: {call['state']} in the end ({call['error']})")


def _failed(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client.get("/api/jobs", params={"state": "failed", "limit": 500}).json()[
        "jobs"
    ]
    return found


def once_each(path: Path, ledger: Ledger) -> None:
    """One scorecard and one transcript a call, as the store itself has them."""
    with Store.open(path, read_only=True) as store:
        rows = store.sql(
            "SELECT call_id, (SELECT count(*) FROM scorecards s WHERE s.call_id = c.call_id), "
            "(SELECT count(*) FROM transcripts t WHERE t.call_id = c.call_id) FROM calls c"
        ).rows
    for call_id, scorecards, transcripts in rows:
        call = ledger.calls.get(call_id)
        if call is not None and not call.cancelled and (scorecards, transcripts) != (1, 1):
            ledger.broken.append(f"call {call_id}: {scorecards} scorecards and {transcripts} transcripts")
