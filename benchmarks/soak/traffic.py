"""Clients of a server that do everything at once, at random, and write down what they were told."""

from __future__ import annotations

import io
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

import qa.demo
from benchmarks.serving import Server
from benchmarks.soak import sounds
from benchmarks.soak.ledger import Call, Key, Ledger, Said

CLIP_S = 2.0
_CONVERSATION = (qa.demo.FOLDER / "conversations" / "north-01.json").read_bytes()


class _PutOff(Exception):
    """The server cannot do it now: as good as not answered."""


class Traffic:
    """`clients` threads until the server is gone or `stop`; at most so many recordings and texts are sent.

    With statuses to `put_off` by, such an answer or a broken connection is taken for none, and the clients go on.
    """

    def __init__(
        self,
        server: Server,
        ledger: Ledger,
        *,
        seed: str,
        recordings: int,
        texts: int,
        clients: int,
        put_off: tuple[int, ...] = (),
    ) -> None:
        self.asked = 0
        self.put_off: Counter[int] = Counter()
        self._put_off = put_off
        self._server, self._ledger, self._seed = server, ledger, seed
        self._recordings, self._texts = iter(range(recordings)), iter(range(texts))
        self._serial = itertools.count()
        self._over = threading.Event()
        rngs = [random.Random(f"{seed}-{index}") for index in range(clients)]  # noqa: S311 - no secret
        self._threads = [threading.Thread(target=self._work, args=(rng,)) for rng in rngs]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until each client is done with what it does: at once where the server is gone."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, rng: random.Random) -> None:
        doings: dict[Callable[[random.Random], None], int] = {
            self._upload: 20, self._transcript: 10, self._again: 5, self._correct: 30, self._cancel: 10,
            self._retry: 5, self._create_key: 4, self._revoke_key: 3, self._read: 10,
        }  # fmt: skip
        while not self._over.is_set():
            (doing,) = rng.choices(list(doings), list(doings.values()))
            try:
                doing(rng)
            except _PutOff:
                time.sleep(0.05)  # a client that is told to wait does not ask at once
            except httpx.TransportError:
                if not self._put_off:
                    return
            with self._ledger.lock:
                self.asked += 1

    def _ask(self, expected: tuple[int, ...], method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._server.client.request(method, path, **more)
        if answer.status_code in self._put_off:
            with self._ledger.lock:
                self.put_off[answer.status_code] += 1
            if answer.headers["Content-Type"] != "application/problem+json" or "Retry-After" not in answer.headers:
                self._ledger.broken.append(f"{method} {path} was put off without a reason: {answer.text[:300]}")
            raise _PutOff
        if answer.status_code not in expected:
            self._ledger.broken.append(f"{method} {path} was answered {answer.status_code}: {answer.text[:300]}")
        return answer

    # What is sent

    def _upload(self, rng: random.Random) -> None:
        with self._ledger.lock:
            if next(self._recordings, None) is None:
                return
        data = sounds.wav(sounds.piece(rng, length_s=CLIP_S))
        self._send(Call(allowed=[self._new(rng, "wav")], data=data, is_recording=True), raw=rng.random() < 0.5)

    def _transcript(self, rng: random.Random) -> None:
        with self._ledger.lock:
            if next(self._texts, None) is None:
                return
        said = self._new(rng, "json")
        conversation = json.loads(_CONVERSATION)
        conversation["turns"][-1]["text"] += f" That is number {said['contact_id']}."
        self._send(Call(allowed=[said], data=json.dumps(conversation).encode(), is_recording=False), raw=False)

    def _again(self, rng: random.Random) -> None:
        """As a client does that got no answer."""
        with self._ledger.lock:
            left = [call for name, call in self._ledger.unanswered.items() if name not in self._ledger.at_work]
        if left:
            self._send(rng.choice(left), raw=rng.random() < 0.5)

    def _send(self, call: Call, *, raw: bool) -> None:
        said = {name: value for name, value in call.allowed[0].items() if value is not None}
        name = said.pop("recording")
        with self._ledger.lock:
            self._ledger.unanswered[name] = call
        with self._alone(name) as alone:
            if not alone:
                return
            if not call.is_recording:
                files = {"transcript": (name, io.BytesIO(call.data))}
                answer = self._ask((201,), "POST", "/api/transcripts", files=files, data=said)
            elif raw:
                headers = {"Content-Type": "audio/wav", "X-Call-Metadata": json.dumps({**said, "recording": name})}
                answer = self._ask((202,), "POST", "/api/calls", content=call.data, headers=headers)
            else:
                files = {"recording": (name, io.BytesIO(call.data))}
                answer = self._ask((202,), "POST", "/api/calls", files=files, data=said)
            if answer.is_success:
                self._ledger.taken(answer.json()["call_id"], name)

    def _new(self, rng: random.Random, suffix: str) -> Said:
        contact_id = f"{self._seed}-{next(self._serial)}"
        said: Said = {"recording": f"{contact_id}.{suffix}", "contact_id": contact_id, "queue": None, "extra": None}
        return said | {"team": rng.choice(["North", "South"]), "agent": rng.choice(["Ana", "Ben", None])}

    # What is changed

    def _correct(self, rng: random.Random) -> None:
        with self._some(rng, lambda _: True) as (call_id, call):
            if call is None:
                return
            changes: list[Said] = [
                {"agent": rng.choice(["Cleo", "Dan", None])},
                {"queue": rng.choice(["billing", None]), "extra": {"n": rng.randrange(1000)}},
                {"team": rng.choice(["North", "South", "West"])},
            ]
            change = rng.choice(changes)
            before = call.allowed  # several, where corrections were put off
            after = [said | change for said in before]
            call.allowed = before + after
            if self._ask((200,), "PATCH", f"/api/calls/{call_id}", json=change).is_success:
                call.allowed, call.firm = after, True

    def _cancel(self, rng: random.Random) -> None:
        state = rng.choice(["queued", "running"])
        jobs = {job["call_id"]: job["job_id"] for job in self._jobs(state)}
        with self._some(rng, lambda call_id: call_id in jobs) as (call_id, call):
            if call is None:
                return
            known, call.cancelled, call.job_id = call.cancelled, None, jobs[call_id]
            answer = self._ask((200, 409), "POST", f"/api/jobs/{call.job_id}/cancel")
            if answer.is_success or known is not None:  # else it may be what was not answered that has cancelled it
                call.cancelled = answer.is_success
            call.firm = call.firm or answer.is_success

    def _retry(self, rng: random.Random) -> None:
        with self._some(rng, lambda call_id: self._ledger.calls[call_id].cancelled is True) as (_, call):
            if call is None:
                return
            call.cancelled, call.scored_at = None, None
            call.cancelled = not self._ask((200,), "POST", f"/api/jobs/{call.job_id}/retry").is_success

    def _jobs(self, state: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask((200,), "GET", "/api/jobs", params={"state": state}).json()["jobs"]
        return found

    # Keys

    def _create_key(self, rng: random.Random) -> None:
        name = f"{self._seed}-{rng.random()}"
        answer = self._ask((201,), "POST", "/api/keys", json={"name": name, "roles": ["read"]})
        if answer.is_success:
            with self._ledger.lock:
                self._ledger.keys[answer.json()["key"]["key_id"]] = Key(text=answer.json()["text"])

    def _revoke_key(self, rng: random.Random) -> None:
        with self._ledger.lock:
            good = [key_id for key_id, key in self._ledger.keys.items() if key.revoked is False]
            if not good:
                return
            key_id = rng.choice(good)
            key = self._ledger.keys[key_id]
            key.revoked = None
        key.revoked = self._ask((200,), "DELETE", f"/api/keys/{key_id}").is_success

    # Reading

    def _read(self, rng: random.Random) -> None:
        with self._ledger.lock:
            call_id = rng.choice([*self._ledger.calls, ""])
        path = f"/api/calls/{call_id}" if call_id else "/api/teams"
        self._ask((200,), "GET", path)

    # Who is at what

    @contextmanager
    def _some(self, rng: random.Random, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Call | None]]:
        """A call that nobody else is at; None where there is none."""
        with self._ledger.lock:
            free = [one for one in self._ledger.calls if one not in self._ledger.at_work and wanted(one)]
            call_id = rng.choice(free or [""])
            self._ledger.at_work.add(call_id)
        try:
            yield call_id, self._ledger.calls.get(call_id)
        finally:
            with self._ledger.lock:
                self._ledger.at_work.discard(call_id)

    @contextmanager
    def _alone(self, name: str) -> Iterator[bool]:
        """Whether nobody else is sending this."""
        with self._ledger.lock:
            alone = name not in self._ledger.at_work
            self._ledger.at_work.add(name)
        try:
            yield alone
        finally:
            if alone:
                with self._ledger.lock:
                    self._ledger.at_work.discard(name)
