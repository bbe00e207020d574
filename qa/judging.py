"""Judging: a transcript in, its scorecard out, here or in a process of its own.

In a server it is the latter: the tables that judging needs stay out of the server, which goes on answering meanwhile.
"""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

import msgspec
from pebble import ProcessExpired

import rubric as rubrics
from qa.errors import WorkerLost
from qa.jobs.processes import Processes
from rubric import Rubric, Scorecard
from rubric.measures import phrases
from transcription.types import Transcript

TRIES = 2
"""How often a transcript is given to a process that is lost."""

LOST = (ProcessExpired, BrokenProcessPool, CancelledError)
"""What a task ends with whose process is lost: at work, before it began, or with another's task."""

LONGEST_S = 120.0
"""How long judging one transcript may take; a day of talk takes half a minute."""


class Judged(msgspec.Struct, frozen=True):
    """A scorecard, and what the sentences of its acts are known by in other calls."""

    scorecard: Scorecard
    known_by: tuple[str | None, ...]


class Judging(Protocol):
    """`judge`, or what does the same elsewhere."""

    def __call__(self, transcript: Transcript, rubric: Rubric, *, speakers_settled: bool) -> Judged: ...


def judge(transcript: Transcript, rubric: Rubric, *, speakers_settled: bool) -> Judged:
    """Judge a transcript here and now; as `rubric.score`."""
    scorecard = rubrics.score(transcript, rubric, speakers_settled=speakers_settled)
    return Judged(scorecard, known_by(scorecard))


def known_by(scorecard: Scorecard) -> tuple[str | None, ...]:
    """What the sentence of each act is known by in other calls; None where it is none of empathy."""
    return tuple(map(phrases.known_by, scorecard.acts))


class JudgeProcess:
    """As `judge`, in a process: transcripts are judged one after the other."""

    def __init__(self, *, memory_bytes: int) -> None:
        self._processes = Processes(1, memory_bytes=memory_bytes)
        self._lock = threading.Lock()

    def __call__(self, transcript: Transcript, rubric: Rubric, *, speakers_settled: bool) -> Judged:
        """Raises WorkerLost where the process is lost over it twice, or would take too long or too much memory."""
        for _ in range(TRIES):
            with self._lock:
                future = self._processes.submit(_judge, transcript, rubric, speakers_settled, within_s=LONGEST_S)
            try:
                judged: Judged = future.result()
            except TimeoutError as error:
                raise WorkerLost(f"judging it took longer than {LONGEST_S:g} s; look at its transcript") from error
            except MemoryError as error:
                raise WorkerLost(
                    "judging it needs more memory than a worker may have; look at its transcript"
                ) from error
            except LOST:  # it may have been another's fault, or nobody's: killed for want of memory elsewhere, say
                continue
            return judged
        raise WorkerLost("the process that judged it was lost, and another one too; it can be tried again")

    def close(self) -> None:
        """End it, whatever it does."""
        self._processes.close()


def _judge(transcript: Transcript, rubric: Rubric, settled: bool) -> Judged:  # noqa: FBT001 - a task has no names
    return judge(transcript, rubric, speakers_settled=settled)
