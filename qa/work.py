"""The part of scoring that is worth sending elsewhere: one recording in, its transcript out.

`transcribe` stands in a module and takes and gives plain values, so that any `concurrent.futures.Executor` can run
it: threads, processes, or a cluster whose workers see the same paths. Each process loads the model once. Processes
must be started afresh (`multiprocessing.get_context("spawn")`): a fork of one that has loaded a model hangs.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import transcription
from qa.metadata import Channel
from transcription import fingerprint, models
from transcription.errors import ModelProblem
from transcription.types import Transcript

if TYPE_CHECKING:
    from transcription import Recogniser


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """All that a worker needs to know of a recording."""

    path: str
    model: str
    model_dir: str
    model_sha256: str
    max_duration_s: float
    agent_channel: Channel

    @property
    def settings(self) -> transcription.Settings:
        return transcription.Settings(max_duration_s=self.max_duration_s)


def transcribe(work: Work, progress: Callable[[float], None] | None = None) -> Transcript:
    """The transcript of a recording; raises BadRecording or ModelProblem."""
    with _loading:
        recogniser = _recogniser(work.model_dir, work.model, work.model_sha256)
    return transcription.transcribe(
        Path(work.path), recogniser, settings=work.settings, agent_channel=work.agent_channel, progress=progress
    )


def made_with(work: Work) -> str:
    """A hash of all that can change a word: the model, the recogniser's version, our own code and the settings.

    The longest recording allowed is left out, since it decides only whether there is a transcript, and so is the
    agent's channel, since a transcript can be exchanged.
    """
    engine = transcription.engine(work.model, work.model_sha256, work.settings)
    settings = {name: value for name, value in engine.settings.items() if name != "max_duration_s"}
    meaning = {
        "model": work.model_sha256,
        "engine": engine.name,
        "code": fingerprint.of_transcription(),
        "settings": settings,
    }
    return hashlib.sha256(msgspec.json.encode(meaning, order="sorted")).hexdigest()[:16]


_loading = threading.Lock()


@lru_cache(maxsize=1)
def _recogniser(model_dir: str, name: str, sha256: str) -> Recogniser:
    # words must not be said to be of a model that they are not of
    if Path(model_dir).is_dir() and (found := models.locate(model_dir).sha256) != sha256:
        message = f"the model {name} has changed: {model_dir} held {sha256[:12]}… and now holds {found[:12]}…"
        raise ModelProblem(f"{message}; put it back, or start anew with the other")
    return transcription.Recogniser.load(Path(model_dir), name=name, sha256=sha256)
