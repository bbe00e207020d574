"""The one door to faster-whisper: the recogniser, and the voice detector that ships with it.

Nothing else in the product imports `faster_whisper`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import NamedTuple

import faster_whisper
import msgspec
import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from transcription.errors import ModelProblem
from transcription.sound import FRAME, RATE, PerFrame, Samples
from transcription.types import Word

WINDOW_S = 30.0

# Features of this many windows are held at once (1 MB each), so that a long call costs little more than its samples.
GROUP = 64

# Windows that a call's language is told by: at least, at most, and the mean probability from which the least will do.
_LEAST_HEARD, _MOST_HEARD, _NO_DOUBT = 2, 4, 0.8


class Language(NamedTuple):
    """An ISO 639-1 code and how sure the model is, 0 to 1; None where the model knows only one language."""

    code: str
    probability: float | None


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def speech_probability(audio: Samples) -> PerFrame:
    """How sure the Silero detector is of voice, 0 to 1, one value per frame of 512 samples (32 ms)."""
    if not len(audio):
        return np.zeros(0)
    padded: NDArray[np.float32] = np.pad(audio, (0, -len(audio) % FRAME))
    return np.asarray(get_vad_model()(padded), dtype=np.float64).ravel()


class Recogniser:
    """A loaded Whisper model. Make one with `Recogniser.load`; it may be used for any number of calls."""

    def __init__(self, model: faster_whisper.WhisperModel, *, name: str, sha256: str | None) -> None:
        self._model = model
        self._batched = faster_whisper.BatchedInferencePipeline(model)
        self.name = name
        self.sha256 = sha256

    @classmethod
    def load(cls, directory: Path, *, name: str, sha256: str | None = None, threads: int = 0) -> Recogniser:
        """Load the CTranslate2 model in `directory` for the CPU, in 8-bit integers.

        It works on `threads` cores; 0: on all, where the library's own choice of four makes a machine of two wait.
        Raises ModelProblem when the directory does not hold a model that can be loaded.
        """
        if not directory.is_dir():
            raise ModelProblem(f"model {name}: {directory} is not a folder; see `qa models`")
        try:
            model = faster_whisper.WhisperModel(
                str(directory), device="cpu", compute_type="int8", cpu_threads=threads or cores(), local_files_only=True
            )
        except Exception as error:
            cause = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelProblem(f"model {name}: {directory} cannot be loaded ({cause}); fetch it again") from error
        return cls(model, name=name, sha256=sha256)

    @property
    def multilingual(self) -> bool:
        return bool(self._model.model.is_multilingual)

    def detect_language(self, windows: Sequence[Samples]) -> Language:
        """The language of the speech in `windows`, by the mean probability over the first few of them.

        Each goes through the encoder once more than recognising it does, so where two leave no doubt no more are heard.
        """
        if not self.multilingual:
            return Language("en", None)
        total: dict[str, float] = {}
        found = Language("en", None)
        for count, window in enumerate(windows[:_MOST_HEARD], start=1):
            _, _, probabilities = self._model.detect_language(window)
            for code, probability in probabilities:
                total[code] = total.get(code, 0.0) + probability
            code = max(total, key=lambda code: total[code])
            found = Language(code, total[code] / count)
            if count >= _LEAST_HEARD and total[code] / count >= _NO_DOUBT:
                break
        return found

    def recognise(
        self,
        windows: Sequence[Samples],
        *,
        language: str,
        beam_size: int,
        batch_size: int,
        done: Callable[[int], None] | None = None,
    ) -> list[list[Word]]:
        """The words of each window (at most 30 s of audio each), with times from the window's own start.

        `done` is called with the number of windows finished so far.
        """
        heard: list[list[Word]] = []
        for first in range(0, len(windows), GROUP):
            group = windows[first : first + GROUP]
            words: list[list[Word]] = [[] for _ in group]
            for index, word in self._words(group, language=language, beam_size=beam_size, batch_size=batch_size):
                if words[index] and not word.text.startswith(" "):
                    words[index][-1] = _glued(words[index][-1], word)
                else:
                    words[index].append(msgspec.structs.replace(word, text=word.text.strip()))
                if done is not None:
                    done(first + index)
            heard.extend(words)
        return heard

    def _words(
        self, windows: Sequence[Samples], *, language: str, beam_size: int, batch_size: int
    ) -> Iterator[tuple[int, Word]]:
        """Each word as the recogniser wrote it (a blank before what begins a word), with the index of its window.

        All windows go through the model in one pass, in batches.
        """
        offsets = np.cumsum([0, *(len(window) for window in windows)])
        segments, _ = self._batched.transcribe(
            np.concatenate(windows),
            language=language,
            beam_size=beam_size,
            batch_size=ceil(len(windows) / ceil(len(windows) / batch_size)),  # even batches: none of one window
            temperature=0.0,
            word_timestamps=True,
            vad_filter=False,
            # Half a sample more, since the library cuts seconds back to samples by rounding down.
            clip_timestamps=[
                {"start": (start + 0.5) / RATE, "end": (end + 0.5) / RATE} for start, end in pairwise(offsets.tolist())
            ],
        )
        starts_s = offsets[:-1] / RATE
        for segment in segments:
            index = int(np.searchsorted(np.floor(starts_s * 100), segment.seek, side="right")) - 1
            for word in segment.words or ():
                if word.word.strip():
                    start_s, end_s = float(word.start - starts_s[index]), float(word.end - starts_s[index])
                    yield index, Word(word.word, start_s, end_s, float(word.probability))


def _glued(word: Word, rest: Word) -> Word:
    """One word of two that the recogniser wrote without a blank between: "1" and ",400", "two" and "-bedroom"."""
    sure = (word.probability or 0.0, rest.probability or 0.0)
    return Word(word.text + rest.text.strip(), word.start_s, rest.end_s, min(sure))
