"""What a server has acknowledged, in the driver's memory, to be compared with what it says after a restart.

What was sent and never answered may have been done or not: either is right, and what is found is taken as it is.
"""

from __future__ import annotations

import threading
from typing import Any

import msgspec

SAID = ("recording", "team", "agent", "contact_id", "queue", "extra")
Said = dict[str, Any]
"""What is said of a call, by the names of SAID."""


class Call(msgspec.Struct, kw_only=True):
    """A call as it was taken. `allowed` is what may be said of it: what was acknowledged last, then what was asked.

    `cancelled` is None where that was asked and never answered, `job_id` the job that was cancelled. `firm` says that
    something about it was acknowledged. `scored_at` is when it was, once seen.
    """

    allowed: list[Said]
    data: bytes
    is_recording: bool
    firm: bool = True
    cancelled: bool | None = False
    job_id: int | None = None
    scored_at: str | None = None


class Key(msgspec.Struct, kw_only=True):
    """A key that was made. `revoked` is None where that was asked and never answered."""

    text: str
    revoked: bool | None = False


class Ledger:
    """All that was acknowledged, and all that was sent and not answered (`unanswered`, by the recording's name)."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self.keys: dict[str, Key] = {}
        self.unanswered: dict[str, Call] = {}
        self.broken: list[str] = []
        self.lock = threading.RLock()
        self.at_work: set[str] = set()

    def taken(self, call_id: str, name: str) -> None:
        """The call that was sent under this name is acknowledged."""
        with self.lock:
            call = self.unanswered.pop(name, None)
            if call is not None:
                self.calls.setdefault(call_id, call)

    def compare(self, found: dict[str, Said], *, log_whole: bool) -> None:
        """Compare with all calls that a server lists after a restart; `log_whole` where the store's log was left alone.

        What is broken is added to `broken`.
        """
        by_name = {call["recording"]: call_id for call_id, call in found.items()}
        for name in [name for name in self.unanswered if name in by_name]:
            call = self.unanswered.pop(name)
            call.firm = False
            self.calls.setdefault(by_name[name], call)
        for call_id in [call_id for call_id, call in self.calls.items() if call_id not in found]:
            if self.calls[call_id].firm or log_whole:
                self.broken.append(f"call {call_id} is gone: {self.calls[call_id].allowed}")
            del self.calls[call_id]
        for call_id in found.keys() - self.calls.keys():
            self.broken.append(f"call {call_id} is there, and nobody sent it: {found[call_id]}")
        for call_id, call in self.calls.items():
            self._compare_one(call_id, call, found[call_id], log_whole=log_whole)

    def _compare_one(self, call_id: str, call: Call, found: Said, *, log_whole: bool) -> None:
        said = {name: found[name] for name in SAID}
        if said not in call.allowed:
            self.broken.append(f"call {call_id}: {said} is said of it, and not {' or '.join(map(str, call.allowed))}")
        call.allowed = [said]
        is_cancelled = found["state"] == "cancelled"
        if call.cancelled is None:
            call.cancelled = is_cancelled
        elif call.cancelled != is_cancelled:
            self.broken.append(f"call {call_id}: it is {found['state']}, and cancelled was {call.cancelled}")
        if log_whole and call.scored_at is not None and call.scored_at != found["scored_at"]:
            self.broken.append(f"call {call_id}: scored at {call.scored_at}, and again at {found['scored_at']}")
        if found["state"] == "done":
            call.scored_at = found["scored_at"]
        if found["state"] == "failed" and not _by_kill(found["error"]):
            self.broken.append(f"call {call_id} failed, and no kill explains it: {found['error']}")


def _by_kill(error: str) -> bool:
    return "its worker was lost" in error or "never ended" in error
