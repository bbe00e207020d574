"""The one way from a recording or a transcript to a stored scorecard: HTTP, command line, batch and tests go by it.

A recording is known by its hash within its team. What has been transcribed with the same model and settings is not
transcribed again: a new rubric, a new scorer or a word about the agent's channel need only the stored transcript.

    from qa import Scoring, Store
    with Store.open("qa.duckdb") as store, Scoring(store) as scoring:
        outcomes = list(scoring.batch(["recordings"], metadata="recordings/calls.csv"))
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import cached_property
from pathlib import Path
from typing import Self

import msgspec

import rubric as rubrics
from qa import inputs
from qa.judging import Judging, judge
from qa.metadata import Match, Metadata
from qa.results import Outcome, failed, other_rubric, result_line, said_otherwise, same_elsewhere, whole
from qa.settings import Settings
from qa.store import KeptTranscript, Scored, Store, StoredCall
from qa.store.calls import merged
from qa.store.files import sha256_of
from qa.work import Work, made_with, transcribe
from rubric import Rubric, Scorecard
from transcription import formats, models, swapped
from transcription.errors import BadRecording, ModelProblem
from transcription.types import Transcript

__all__ = ["Outcome", "Progress", "Scoring", "Verified", "result_line", "whole"]

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""

WRITTEN = "written"
IN_HAND = 64  # recordings handed to an executor before results are waited for
AT_ONCE = 100  # scorecards written in one transaction when a whole store is scored again


class Verified(msgspec.Struct, frozen=True):
    """Whether a scorecard came out the same again, to the byte, and where it did not, why.

    `rubric` is the id and version that judged it, `scorer` the scorer's; None where there is no scorecard.
    """

    call_id: str
    same: bool
    reason: str | None = None
    rubric: str | None = None
    scorer: str | None = None


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way to a scorecard: its transcript, or the work that will bring it.

    `said` is what is said of it now, `metadata` that with what was said before; `path` is the recording to keep, None
    for text. What was said before is not written back: somebody may correct it while the call is transcribed.
    """

    sha256: str
    said: Metadata
    metadata: Metadata
    stored: StoredCall | None
    kept: KeptTranscript | None = None
    work: Work | None = None
    path: Path | None = None
    again: bool = False

    def of_same_call(self, other: _Task) -> bool:
        return (self.sha256, self.metadata.team) == (other.sha256, other.metadata.team)


class Scoring:
    """Scores into a store. `transcriptions` counts the recordings that went through the speech model."""

    def __init__(
        self,
        store: Store,
        *,
        model: str | None = None,
        rubric: Rubric | str | Path | None = None,
        settings: Settings | None = None,
        fetching: Callable[[int, int], None] | None = None,
        judging: Judging = judge,
    ) -> None:
        """`fetching` is told of the bytes of a speech model that has to be brought to this machine first.

        `judging` is who judges: `judge`, here, unless another is given.
        """
        self.store = store
        self.settings = settings or store.settings
        self.rubric = rubric if isinstance(rubric, Rubric) else rubrics.load(Path(rubric) if rubric else None)
        self.transcriptions = 0
        self.model_name = model or self.settings.model
        self._fetching = fetching
        self._judging = judging

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @cached_property
    def model(self) -> models.Model:
        """The speech model, found and checked when it is first needed; raises ModelProblem."""
        return models.locate(self.model_name, progress=self._fetching)

    def score(
        self,
        path: str | Path,
        metadata: Metadata | None = None,
        *,
        again: bool = False,
        executor: Executor | None = None,
        progress: Progress | None = None,
        job_id: int | None = None,
    ) -> StoredCall:
        """Score a recording, or a transcript by its suffix, and store it.

        With `again` it is transcribed and scored anew, and what was stored is replaced whole. It is transcribed by
        `executor` where one is given. `job_id` is the job that it is scored for; once that is cancelled, nothing is
        stored: JobCancelled. Raises Problem.
        """
        task = self._task(Path(path), metadata or Metadata(), again=again)
        return self._finish(task, _start(task.work, executor, progress).result(), job_id=job_id)

    def score_transcript(
        self,
        transcript: Transcript,
        metadata: Metadata | None = None,
        *,
        again: bool = False,
        job_id: int | None = None,
    ) -> StoredCall:
        """Score a written or labelled transcript and store it; the hash of its JSON stands for a recording's.

        `job_id` as for `score`.
        """
        return self._finish(self._written(transcript, metadata or Metadata(), again=again), None, job_id=job_id)

    def batch(
        self,
        paths: Iterable[str | Path] = (),
        *,
        metadata: Metadata | str | Path | None = None,
        again: bool = False,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Outcome]:
        """Score files and folders, one Outcome a file; a bad file stops no other.

        `metadata` holds for all of them, or names a CSV with a row for each; without `paths` its rows say which.
        Recordings are transcribed by `executor` where one is given, and then come in the order in which they are
        done. Raises MetadataProblem where the CSV cannot be used, ModelProblem where the speech model cannot.
        """
        matches = inputs.gather(paths, metadata, zone=self.settings.zone)
        outcomes = self._outcomes(matches, again=again, executor=executor, progress=progress)
        for done, outcome in enumerate(outcomes, start=1):
            yield outcome
            if progress:
                progress(done / len(matches))

    def verify(self, key: str, *, team: str | None = None) -> Verified:
        """Score a call again from its stored transcript and rubric, and compare the bytes.

        Raises CallNotFound.
        """
        call = self.store.call(key, teams=None if team is None else [team])
        if call.scorecard is None:
            return Verified(call.call_id, same=False, reason="it has no scorecard yet")
        reason = self._differs(call, call.scorecard)
        judged_by = call.scorecard.rubric
        return Verified(
            call.call_id, reason is None, reason, f"{judged_by.id}@{judged_by.version}", call.scorecard.scorer
        )

    def verify_all(self, *, team: str | None = None) -> Iterator[Verified]:
        """Each call of the store that has a scorecard, or of a team, as `verify` does."""
        for call_id in self.store.scored(team=team):
            yield self.verify(call_id)

    def _differs(self, call: StoredCall, card: Scorecard) -> str | None:
        """Why a scorecard does not come out the same; None where it does."""
        if call.transcript is None:
            return "its transcript is not there"
        if card.scorer != rubrics.scorer_version():
            return f"it was scored by scorer {card.scorer}, and this is scorer {rubrics.scorer_version()}"
        rubric = self.store.rubric(card.rubric.version)
        if rubric is None or rubric.version != card.rubric.version:
            return f"rubric {card.rubric.id} {card.rubric.version} is not one that this version can read"
        again = rubrics.score(call.transcript, rubric, speakers_settled=call.speakers_settled)
        same = rubrics.scorecard_json(again) == rubrics.scorecard_json(card)
        return None if same else "the same versions gave other results"

    def rescore(self, *, team: str | None = None) -> Iterator[Outcome]:
        """Score all stored transcripts again by this rubric and scorer where theirs was another; no audio needed."""
        outdated = self.store.outdated(rubric_version=self.rubric.version, scorer=rubrics.scorer_version(), team=team)
        for start in range(0, len(outdated), AT_ONCE):
            calls = [self.store.call(call_id) for call_id in outdated[start : start + AT_ONCE]]
            before = {call.call_id: other_rubric(call.scorecard, self.rubric.id) for call in calls}
            scored = [
                self._scored(call.call.sha256, call.metadata, call.kept, said=Metadata(team=call.metadata.team))
                for call in calls
                if call.kept is not None
            ]
            for call in self.store.save_all(scored):
                yield Outcome(call.metadata.recording or call.call_id, call, notes=before[call.call_id])

    # The way of one file

    def _task(self, path: Path, said: Metadata, *, again: bool) -> _Task:
        if said.recording is None and not self.store.files.holds(path):
            said = msgspec.structs.replace(said, recording=path.name)
        if inputs.is_transcript(path):
            return self._written(formats.read(path), said, again=again)
        inputs.check_recording(path)
        sha256 = sha256_of(path)
        stored = self.store.find(team=said.team, sha256=sha256)
        metadata = merged(stored.metadata, said) if stored else said
        work = Work(
            path=str(path.absolute()),
            model=self.model.name,
            model_dir=str(self.model.dir),
            model_sha256=self.model.sha256,
            max_duration_s=self.settings.max_duration_s,
            agent_channel=metadata.agent_channel or self.settings.agent_channel,
        )
        self.store.check_contact(sha256=sha256, metadata=metadata)  # before minutes are spent on it
        kept = self.store.transcript(stored.call_id, made_with=made_with(work)) if stored and not again else None
        return _Task(
            sha256=sha256,
            said=said,
            metadata=metadata,
            stored=stored,
            kept=kept and _settled(kept, work),
            work=None if kept else work,
            path=path,
            again=again,
        )

    def _written(self, transcript: Transcript, said: Metadata, *, again: bool) -> _Task:
        inputs.check_written(said)
        sha256 = hashlib.sha256(formats.to_json(transcript)).hexdigest()
        stored = self.store.find(team=said.team, sha256=sha256)
        metadata = merged(stored.metadata, said) if stored else said
        if metadata.medium is not None:
            transcript = msgspec.structs.replace(transcript, medium=metadata.medium)
        transcript = _in_language(transcript, metadata)
        kept = stored.kept if stored else None
        if kept is None or kept.transcript != transcript:
            kept = KeptTranscript(transcript=transcript, made_with=WRITTEN)
        return _Task(sha256=sha256, said=said, metadata=metadata, stored=stored, kept=kept, again=again)

    def _notes(self, task: _Task) -> tuple[str, ...]:
        """What is said otherwise than before, or which other teams have a recording that is new to this one."""
        if task.stored is None:
            same = self.store.same_recording(task.sha256)
            return same_elsewhere((team, call_id) for team, call_id in same if team != task.said.team)
        return (
            *said_otherwise(task.stored.metadata, task.said),
            *other_rubric(task.stored.scorecard, self.rubric.id),
        )

    def _finish(self, task: _Task, transcript: Transcript | None, *, job_id: int | None = None) -> StoredCall:
        """Score the transcript, or leave what is stored as it is where nothing has changed; then store it."""
        kept = task.kept
        if transcript is not None:
            assert task.work is not None
            self.transcriptions += 1
            kept = KeptTranscript(
                transcript=transcript,
                made_with=made_with(task.work),
                agent_channel=task.work.agent_channel if transcript.speakers_from == "channels" else None,
            )
        assert kept is not None
        if (known := _in_language(kept.transcript, task.metadata)) != kept.transcript:
            kept = msgspec.structs.replace(kept, transcript=known, transcript_id=None)
        if task.stored is not None:
            self.store.row(task.stored.call_id)  # raises CallNotFound where it was erased meanwhile
        if task.path is not None and self.store.files.keep(task.path, task.sha256) != task.sha256:
            raise BadRecording(f"{task.path} changed while it was being scored; score it again")
        if task.stored is not None and not task.again and self._is_current(task.stored, kept, task.metadata):
            return self.store.describe(task.sha256, task.said)
        call_id = task.stored.call_id if task.stored else None
        scored = self._scored(task.sha256, task.metadata, kept, said=task.said, call_id=call_id)
        return self.store.save(msgspec.structs.replace(scored, job_id=job_id))

    def _is_current(self, stored: StoredCall, kept: KeptTranscript, metadata: Metadata) -> bool:
        card = stored.scorecard
        return (
            card is not None
            and stored.kept == kept
            and stored.speakers_settled == _is_settled(kept, metadata)
            and (card.rubric.version, card.scorer) == (self.rubric.version, rubrics.scorer_version())
        )

    def _scored(
        self, sha256: str, metadata: Metadata, kept: KeptTranscript, *, said: Metadata, call_id: str | None = None
    ) -> Scored:
        settled = _is_settled(kept, metadata)
        judged = self._judging(kept.transcript, self.rubric, speakers_settled=settled)
        return Scored(
            sha256=sha256,
            metadata=said,
            kept=kept,
            scorecard=judged.scorecard,
            known_by=judged.known_by,
            rubric=self.rubric,
            speakers_settled=settled,
            call_id=call_id,
        )

    # The way of many

    def _outcomes(
        self, matches: Sequence[Match], *, again: bool, executor: Executor | None, progress: Progress | None
    ) -> Iterator[Outcome]:
        running: dict[Future[Transcript | None], tuple[Path, _Task]] = {}
        for done, match in enumerate(matches):
            task = self._begin(match, again=again)
            if isinstance(task, _Task) and any(task.of_same_call(other) for _, other in running.values()):
                yield from self._collect(running, leave=0)  # the same bytes twice: by now they are in the store
                task = self._begin(match, again=again)
            if isinstance(task, Outcome):
                yield task
                continue
            moved = _part_of(progress, done, len(matches))
            running[_start(task.work, executor, moved)] = match.path, task
            yield from self._collect(running, leave=IN_HAND if executor else 0)
        yield from self._collect(running, leave=0)

    def _begin(self, match: Match, *, again: bool) -> _Task | Outcome:
        if match.metadata is None or match.problem is not None:
            return Outcome(str(match.path), error=match.problem)
        try:
            return self._task(match.path, match.metadata, again=again)
        except ModelProblem:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the others go on
            return failed(match.path, error)

    def _collect(
        self, running: dict[Future[Transcript | None], tuple[Path, _Task]], *, leave: int
    ) -> Iterator[Outcome]:
        """Store what is done, until no more than `leave` are running."""
        while len(running) > leave:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                path, task = running.pop(future)
                try:
                    call = self._finish(task, future.result())
                    known = task.stored is not None and task.stored.call.scored_at == call.call.scored_at
                    yield Outcome(str(path), call, known=known, notes=self._notes(task))
                except ModelProblem:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the others go on
                    yield failed(path, error)


def _is_settled(kept: KeptTranscript, metadata: Metadata) -> bool:
    """Whether somebody said which channel is the agent's, and the transcript has channels and goes by it."""
    return kept.agent_channel is not None and kept.agent_channel == metadata.agent_channel


def _in_language(transcript: Transcript, metadata: Metadata) -> Transcript:
    """The transcript with the language that was said of the call, where one was."""
    said = metadata.language
    return transcript if said is None else msgspec.structs.replace(transcript, language=said)


def _settled(kept: KeptTranscript, work: Work) -> KeptTranscript:
    """The stored transcript with the agent on the channel that is asked for: exchanged where it was the other."""
    if kept.agent_channel in (None, work.agent_channel):
        return kept
    return KeptTranscript(
        transcript=swapped(kept.transcript), made_with=kept.made_with, agent_channel=work.agent_channel
    )


def _start(work: Work | None, executor: Executor | None, progress: Progress | None) -> Future[Transcript | None]:
    """The work handed to the executor; without one it is done here and now."""
    if work is not None and executor is not None:
        return executor.submit(transcribe, work)
    future: Future[Transcript | None] = Future()
    try:
        future.set_result(None if work is None else transcribe(work, progress))
    except Exception as error:  # noqa: BLE001 - it is raised again where the result is asked for
        future.set_exception(error)
    return future


def _part_of(progress: Progress | None, done: int, of: int) -> Progress | None:
    return None if progress is None else lambda share: progress((done + share) / of)
