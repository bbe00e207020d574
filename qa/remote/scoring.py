"""`RemoteScoring`: files sent to a server, and their scorecards waited for, one Outcome a file as `qa.scoring` gives.

A file that the server has is not sent again: what is said of it otherwise than before is corrected, and it is scored
again where another rubric or scorer judged it. The others are streamed, a few at a time. Whoever stops waiting loses
nothing: what was sent is scored all the same.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import msgspec

from qa import inputs
from qa.errors import CallKnown, CallNotFound, MetadataProblem, ServerProblem, SettingsProblem
from qa.metadata import HEADER as METADATA_HEADER
from qa.metadata import NAMES, UNASSIGNED, Channel, Match, Metadata
from qa.remote.client import Client, json_of
from qa.remote.store import RemoteStore
from qa.results import Outcome, failed, other_rubric, said_otherwise, same_elsewhere
from qa.settings import Settings
from qa.store import StoredCall
from qa.store.files import CHUNK, sha256_of
from rubric import load
from transcription import formats
from transcription.errors import BadRecording, BadTranscript, Problem

UPLOADS = 4
"""So many files are on their way at once; a server writes them to one disk."""

LOOKED_AT = 8
"""So many of the calls that wait are asked for in a round, the oldest first, as the server takes them."""

POLL_S = 0.5
"""How long before they are asked for again."""

_ENDED = ("done", "failed", "cancelled")
_REFUSED: dict[int, type[Problem]] = {
    HTTPStatus.FORBIDDEN: MetadataProblem,  # another team than the key's: the next file may be of that
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: BadRecording,
}
"""What is wrong with one file, and stops no other."""


class _Health(msgspec.Struct, frozen=True):
    """What a server scores with."""

    model: str
    agent_channel: Channel
    rubric: str
    scorer: str


class _Found(msgspec.Struct, frozen=True):
    call_id: str
    team: str


class _Calls(msgspec.Struct, frozen=True):
    calls: tuple[_Found, ...]


class _Taken(msgspec.Struct, frozen=True):
    call_id: str


class _Job(msgspec.Struct, frozen=True):
    call_id: str
    progress: float | None


class _Jobs(msgspec.Struct, frozen=True):
    jobs: tuple[_Job, ...]


class _State(msgspec.Struct, frozen=True):
    state: str


class _Known(msgspec.Struct, frozen=True):
    """What the server has of a file before it is sent: the call of its team, and all calls of it, by team and id."""

    own: StoredCall | None
    all: tuple[tuple[str, str], ...]


class _Sent(msgspec.Struct, frozen=True):
    """A file that the server has: its call, how that was before, and whether there is something to wait for."""

    match: Match
    call_id: str
    before: StoredCall | None
    notes: tuple[str, ...]
    waits: bool = True


class RemoteScoring:
    """Scores by a server. `queued` counts the recordings that were sent and whose results have not come yet."""

    def __init__(
        self,
        store: RemoteStore,
        *,
        model: str | None = None,
        rubric: Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Raises SettingsProblem where `model`, `rubric` or a setting asks for what this server does not score with."""
        self.store = store
        self.settings = settings or store.settings
        self.queued = 0
        self._client: Client = store.client
        self._does = self._client.ask("GET", "/api/health", json_of(_Health))
        self._check(model, rubric)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self.queued:
            what = "1 recording was" if self.queued == 1 else f"{self.queued} recordings were"
            self._client.said(f"{what} sent and will be scored all the same; `qa calls` lists what is done")

    def _check(self, model: str | None, rubric: Path | None) -> None:
        does, wanted, usual = self._does, self.settings, Settings()
        if model not in (None, does.model):
            raise self._cannot(f"--model {model}", f"with the speech model {does.model}")
        if model is None and wanted.model not in (usual.model, does.model):
            raise self._cannot(f"the setting model ({wanted.model})", f"with the speech model {does.model}")
        if rubric is not None and does.rubric != f"{(read := load(rubric)).id}@{read.version}":
            raise self._cannot(f"--rubric {rubric}", f"by the rubric {does.rubric}")
        if wanted.agent_channel not in (usual.agent_channel, does.agent_channel):
            raise self._cannot(
                f"the setting agent_channel ({wanted.agent_channel})", f"with the agent on the {does.agent_channel}"
            )

    def _cannot(self, asked: str, does: str) -> SettingsProblem:
        return SettingsProblem(f"{self._client.url} scores {does}: leave out {asked}, or start the server with it")

    def batch(
        self,
        paths: Iterable[str | Path] = (),
        *,
        metadata: Metadata | str | Path | None = None,
        again: bool = False,
        progress: Callable[[float], None] | None = None,
    ) -> Iterator[Outcome]:
        """Score files and folders, one Outcome a file, in the order in which they are done; a bad file stops no other.

        Raises MetadataProblem where the CSV cannot be used, SettingsProblem with `again`, and ServerProblem where the
        server cannot be asked any more. However it ends, what was sent is scored by the server.
        """
        if again:
            raise self._cannot("--again", "a call once")
        matches = inputs.gather(paths, metadata, zone=self.settings.zone)
        with ThreadPoolExecutor(UPLOADS, thread_name_prefix="upload") as threads:
            try:
                sending = {
                    threads.submit(self._send, match, match.metadata): match
                    for match in matches
                    if match.metadata is not None and match.problem is None
                }
                yield from (Outcome(str(match.path), error=match.problem) for match in matches if match.problem)
                yield from self._outcomes(sending, of=len(matches), progress=progress)
            except BaseException:
                self._client.stop()
                threads.shutdown(cancel_futures=True)
                raise

    def _outcomes(
        self, sending: dict[Future[_Sent], Match], *, of: int, progress: Callable[[float], None] | None
    ) -> Iterator[Outcome]:
        """What becomes of files that are on their way."""
        waiting: dict[str, list[_Sent]] = {}
        scored: set[str] = set()
        done = of - len(sending)
        look_at_s = 0.0
        while sending or waiting:
            for future in wait(sending, timeout=POLL_S, return_when=FIRST_COMPLETED).done if sending else ():
                match = sending.pop(future)
                try:
                    sent = future.result()
                except ServerProblem:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the others go on
                    done += 1
                    yield failed(match.path, error)
                    continue
                waiting.setdefault(sent.call_id, []).append(sent)
                self.queued += sent.waits
            ended = [call_id for call_id, files in waiting.items() if not any(sent.waits for sent in files)]
            if look_at_s <= (now_s := time.monotonic()):
                look_at_s = now_s + POLL_S
                ended += self._ended([call_id for call_id in waiting if call_id not in ended])
                if progress:
                    progress((done + self._part_done(waiting)) / of)
            for call_id in ended:
                for sent in waiting.pop(call_id):
                    self.queued -= sent.waits
                    done += 1
                    yield self._outcome(sent, seen=call_id in scored)
                    scored.add(call_id)
            if waiting and not sending and not ended:
                self._client.wait(max(0.0, look_at_s - time.monotonic()))

    def _ended(self, waiting: Sequence[str]) -> list[str]:
        """Those of the oldest calls that wait which are done, or have failed, or are gone."""
        ended = []
        for call_id in waiting[:LOOKED_AT]:
            try:
                state = self._client.ask("GET", f"/api/calls/{call_id}", json_of(_State)).state
            except CallNotFound:  # erased meanwhile, as its outcome will say
                state = "cancelled"
            if state in _ENDED:
                ended.append(call_id)
        return ended

    def _part_done(self, waiting: Iterable[str]) -> float:
        """How much of the calls that are waited for is transcribed by now, in calls."""
        found = self._client.ask("GET", "/api/jobs", json_of(_Jobs), params={"state": "running"})
        ours = set(waiting)
        return sum(job.progress or 0.0 for job in found.jobs if job.call_id in ours)

    def _outcome(self, sent: _Sent, *, seen: bool) -> Outcome:
        path = sent.match.path
        try:
            call = self.store.call(sent.call_id)
        except CallNotFound as error:
            return failed(path, error)
        if call.scorecard is None or call.call.state == "failed":
            why = call.call.error or f"its scoring was {call.call.state}"
            name = call.metadata.recording or path.name
            if why.startswith(name):  # which is all that the server knows of where it lies
                why = f"{path.absolute()}{why.removeprefix(name)}"
            return failed(path, BadRecording(why))
        before = sent.before
        known = seen or (before is not None and before.call.scored_at == call.call.scored_at)
        judged = other_rubric(before.scorecard, call.scorecard.rubric.id) if before else ()
        return Outcome(str(path), call, known=known, notes=sent.notes + judged)

    # One file

    def _send(self, match: Match, said: Metadata) -> _Sent:
        """Bring one file to the server, unless it is there; raises Problem."""
        if said.recording is None:
            said = msgspec.structs.replace(said, recording=match.path.name)
        return (self._transcript if inputs.is_transcript(match.path) else self._recording)(match, said)

    def _recording(self, match: Match, said: Metadata) -> _Sent:
        path = match.path
        inputs.check_recording(path)
        sha256 = sha256_of(path)
        known = self._known(sha256, said)
        if known.own is not None:
            corrected = self._correct(known.own, said)
            if known.own.call.state in ("queued", "running") or self._is_current(known.own):
                return _sent(match, known.own.call_id, known, said, waits=corrected or known.own.call.state != "done")
        size_bytes = path.stat().st_size
        try:
            taken = self._client.ask(
                "POST",
                "/api/calls",
                json_of(_Taken),
                content=lambda: _blocks(path, sha256, size_bytes),
                headers={
                    "Content-Type": "audio/octet-stream",
                    "Content-Length": str(size_bytes),
                    METADATA_HEADER: json.dumps(_texts(said)),
                },
                problems={**_REFUSED, HTTPStatus.UNPROCESSABLE_ENTITY: BadRecording},
            )
        except CallKnown:
            known = self._known(sha256, said)  # it has come just now, perhaps from this batch, by other words
            if known.own is None:
                raise
            self._correct(known.own, said)
            return _sent(match, known.own.call_id, known, said)
        return _sent(match, taken.call_id, known, said)

    def _transcript(self, match: Match, said: Metadata) -> _Sent:
        path = match.path
        transcript = formats.read(path)
        inputs.check_written(said)
        known = self._known(hashlib.sha256(formats.to_json(transcript)).hexdigest(), said)
        form = _texts(said)
        name = form.pop("recording")
        taken = self._client.ask(
            "POST",
            "/api/transcripts",
            json_of(_Taken),
            form=form,
            files={"transcript": (name, path.read_bytes())},
            problems={**_REFUSED, HTTPStatus.UNPROCESSABLE_ENTITY: BadTranscript},
        )
        return _sent(match, taken.call_id, known, said, waits=False)

    def _known(self, sha256: str, said: Metadata) -> _Known:
        same = self._client.ask("GET", "/api/calls", json_of(_Calls), params={"sha256": sha256}).calls
        own = next((call.call_id for call in same if call.team == said.team), None)
        return _Known(
            None if own is None else self.store.call(own), tuple(sorted((call.team, call.call_id) for call in same))
        )

    def _correct(self, call: StoredCall, said: Metadata) -> bool:
        """Say of a call what is said of it now; gives whether that was anything new."""
        texts = _texts(said)
        new = {name: texts[name] for name in texts if getattr(said, name) != getattr(call.metadata, name)}
        if new:
            self._client.ask("PATCH", f"/api/calls/{call.call_id}", json_of(_Taken), json=new)
        return bool(new)

    def _is_current(self, call: StoredCall) -> bool:
        """Whether the server's rubric and scorer have judged a call that is done."""
        card = call.scorecard
        if card is None or call.call.state != "done":
            return False
        return (f"{card.rubric.id}@{card.rubric.version}", card.scorer) == (self._does.rubric, self._does.scorer)


def _sent(match: Match, call_id: str, known: _Known, said: Metadata, *, waits: bool = True) -> _Sent:
    """A file that the server has, with notes of what whoever sent it may not have meant."""
    if known.own is not None:
        notes = said_otherwise(known.own.metadata, said)
    else:
        notes = same_elsewhere(each for each in known.all if each[1] != call_id)
    return _Sent(match, call_id, known.own, notes, waits)


def _texts(said: Metadata) -> dict[str, str]:
    """What is said of a call as texts by their names, for the server to parse; a team that was not said is left out."""
    plain: dict[str, Any] = msgspec.to_builtins(said)
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name in NAMES
        if (value := plain[name]) is not None and (name, value) != ("team", UNASSIGNED)
    }


def _blocks(path: Path, sha256: str, size_bytes: int) -> Iterator[bytes]:
    """A recording as it was when it was hashed; raises BadRecording, and never ends, where it has changed since."""
    found, left = hashlib.sha256(), size_bytes
    with path.open("rb") as file:
        while left:
            block = file.read(min(CHUNK, left))
            found.update(block)
            left -= len(block)
            if not block or (not left and (found.hexdigest() != sha256 or file.read(1))):
                raise BadRecording(f"{path} changed while it was being sent; score it again")
            yield block
