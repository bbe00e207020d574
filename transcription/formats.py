"""Transcripts as files: our own JSON in and out, WebVTT in and out, SubRip (SRT) in, plain text out.

Our JSON is the fields of `Transcript` by their names, which is what `qa show --json` prints as `transcript`; a file
written by hand needs no more than `{"turns": [{"speaker": "agent", "text": "..."}]}`. What is not said is worked out
where it can be, and is else unknown.

    read        a file of any form, known by what stands in it
    parse       the same from bytes
    from_json, to_json, to_vtt, to_text
"""

from __future__ import annotations

import difflib
import html
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import msgspec

from transcription import subtitles
from transcription.errors import BadTranscript
from transcription.types import (
    Doubt,
    Engine,
    Interval,
    Medium,
    Speaker,
    SpeakersFrom,
    TimesFrom,
    Transcript,
    Turn,
    Word,
)

_YEARS = (1970, 2200)


class _TurnIn(msgspec.Struct, frozen=True):
    """A turn as it may be written by hand."""

    speaker: Speaker
    text: str
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[Word, ...] = ()
    backchannel: bool = False
    sent_at: str | None = None
    index: int | None = None


class _TranscriptIn(msgspec.Struct, frozen=True):
    """A transcript as it may be written by hand; None is "not said"."""

    turns: tuple[_TurnIn, ...]
    duration_s: float | None = None
    language: str | None = None
    language_probability: float | None = None
    speakers_from: SpeakersFrom | msgspec.UnsetType | None = msgspec.UNSET
    times_from: TimesFrom | None = None
    medium: Medium = "voice"
    speech: dict[Speaker, tuple[Interval, ...]] = {}
    engine: Engine | None = None
    doubts: tuple[Doubt, ...] = ()


def read(path: Path, *, speakers: Mapping[str, Speaker] | None = None) -> Transcript:
    """The transcript in a file of JSON, WebVTT or SRT; `speakers` says whose the names in subtitles are.

    Raises BadTranscript, with the file's name and the place in it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise BadTranscript(message) from error
    return parse(data, name=path.name, speakers=speakers)


def parse(data: bytes, *, name: str = "the transcript", speakers: Mapping[str, Speaker] | None = None) -> Transcript:
    """The transcript in `data`, which is JSON, WebVTT or SRT; `name` opens each error.

    Raises BadTranscript.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{name} is not text in UTF-8 (byte {error.start}): save it as UTF-8"
        raise BadTranscript(message) from error
    if text.lstrip().startswith(("{", "[")):
        return from_json(text.encode(), name=name)
    if text.startswith("WEBVTT") or "-->" in text:
        return subtitles.read(text, name=name, speakers=speakers or {})
    message = f"{name} is neither JSON nor WebVTT nor SRT" if text.strip() else f"{name} is empty"
    raise BadTranscript(message)


def from_json(data: bytes, *, name: str = "the transcript") -> Transcript:
    """The transcript in our own JSON, alone or as the `transcript` of what `qa show --json` prints.

    Fields that are not ours are left alone, but not one whose name is nearly ours: a slip would else lose what it
    says without a word. Raises BadTranscript with the path of what does not fit.
    """
    try:
        raw = msgspec.json.decode(data)
        if isinstance(raw, dict) and "turns" not in raw and isinstance(raw.get("transcript"), dict):
            raw = raw["transcript"]
        _refuse_slips(raw, name)
        given = msgspec.convert(raw, _TranscriptIn)
    except msgspec.ValidationError as error:
        message = f"{name}: {_misfit(str(error))}"
        raise BadTranscript(message) from error
    except RecursionError as error:
        message = f"{name}: it has brackets within brackets by the thousand, which no transcript has"
        raise BadTranscript(message) from error
    except msgspec.DecodeError as error:
        message = f"{name} is not JSON: {error}"
        raise BadTranscript(message) from error
    turns = tuple(_turn(index, turn, name) for index, turn in enumerate(given.turns))
    timed = bool(turns) and all(turn.start_s is not None for turn in turns)
    if timed:
        in_order = sorted(turns, key=lambda turn: turn.start_s or 0.0)
        turns = tuple(msgspec.structs.replace(turn, index=index) for index, turn in enumerate(in_order))
    for speaker, intervals in given.speech.items():
        for position, interval in enumerate(intervals):
            _check_interval(interval.start_s, interval.end_s, f"{name}: $.speech.{speaker}[{position}]")
    told_apart = any(turn.speaker != "unknown" for turn in turns)
    return Transcript(
        turns=turns,
        duration_s=_duration_s(given, turns, name),
        language=given.language,
        language_probability=given.language_probability,
        speakers_from=("labelled" if told_apart else None)
        if given.speakers_from is msgspec.UNSET
        else given.speakers_from,
        times_from=given.times_from or ("turns" if timed else "none"),
        medium=given.medium,
        speech=given.speech,
        engine=given.engine,
        doubts=given.doubts,
    )


def to_json(transcript: Transcript, *, words: bool = True) -> bytes:
    """The transcript as `from_json` reads it; without `words` it is a tenth of the size."""
    if not words:
        turns = tuple(msgspec.structs.replace(turn, words=()) for turn in transcript.turns)
        transcript = msgspec.structs.replace(transcript, turns=turns)
    return msgspec.json.encode(transcript)


def to_vtt(transcript: Transcript) -> str:
    """WebVTT, one cue a turn, the speaker as its voice. Raises BadTranscript where turns have no times."""
    cues = ["WEBVTT"]
    for turn in transcript.turns:
        if turn.start_s is None or turn.end_s is None:
            message = f"turn {turn.index} has no times, so it cannot be a subtitle: take the transcript as json or text"
            raise BadTranscript(message)
        end_s = max(turn.end_s, turn.start_s + 0.001)  # a cue must last
        times = f"{subtitles.timestamp(turn.start_s)} --> {subtitles.timestamp(end_s)}"
        cues.append(f"{times}\n<v {turn.speaker.capitalize()}>{html.escape(turn.text, quote=False)}")
    return "\n\n".join(cues) + "\n"


def to_text(transcript: Transcript) -> str:
    """One line a turn, as `00:12 Agent: text`; without the time where there is none."""
    return "".join(f"{_clock(turn)}{turn.speaker.capitalize()}: {turn.text}\n" for turn in transcript.turns)


def _clock(turn: Turn) -> str:
    if turn.sent_at is not None:
        return f"{turn.sent_at} "
    if turn.start_s is None:
        return ""
    minutes, seconds = divmod(int(turn.start_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d} " if hours else f"{minutes:02d}:{seconds:02d} "


def _turn(index: int, given: _TurnIn, name: str) -> Turn:
    place = f"{name}: $.turns[{index}]"
    text = " ".join(given.text.split())
    if (given.start_s is None) != (given.end_s is None):
        message = f"{place}: start_s and end_s go together; give both or neither"
        raise BadTranscript(message)
    if given.start_s is not None and given.end_s is not None:
        _check_interval(given.start_s, given.end_s, place)
    if given.words and [word.text for word in given.words] != text.split():
        message = f"{place}.words: they are not the words of the text as blanks divide it; correct or leave them out"
        raise BadTranscript(message)
    for position, word in enumerate(given.words):
        _check_interval(word.start_s, word.end_s, f"{place}.words[{position}]")
    if given.sent_at is not None:
        try:
            year = datetime.fromisoformat(given.sent_at).year
        except ValueError as error:
            message = f"{place}.sent_at: {given.sent_at!r} is not a date and time in ISO 8601"
            raise BadTranscript(message) from error
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise BadTranscript(f"{place}.sent_at: {given.sent_at!r} is no time at which a message was sent")
    return Turn(
        index=index,
        speaker=given.speaker,
        start_s=given.start_s,
        end_s=given.end_s,
        text=text,
        words=given.words,
        backchannel=given.backchannel,
        sent_at=given.sent_at,
    )


def _check_interval(start_s: float, end_s: float, place: str) -> None:
    if not (0 <= start_s <= end_s and math.isfinite(end_s)):
        message = f"{place}: {start_s} to {end_s} s is no interval; it must begin at 0 or later and not end before that"
        raise BadTranscript(message)


def _duration_s(given: _TranscriptIn, turns: Iterable[Turn], name: str) -> float | None:
    last_s = max((turn.end_s for turn in turns if turn.end_s is not None), default=None)
    if given.duration_s is None:
        return last_s
    if not math.isfinite(given.duration_s) or given.duration_s < 0:
        message = f"{name}: $.duration_s: {given.duration_s} is no length of a call"
        raise BadTranscript(message)
    return given.duration_s


_VALUES = {"speaker": Speaker, "medium": Medium, "times_from": TimesFrom, "speakers_from": SpeakersFrom}


def _misfit(error: str) -> str:
    """What msgspec says of a value; of a name that is none of ours, which there are."""
    what, _, place = error.partition(" - at ")
    known = _VALUES.get(place.strip("`").rpartition(".")[2])
    if known is None or not what.startswith("Invalid enum value"):
        return error
    given = what.removeprefix("Invalid enum value ")
    return f"{place.strip('`')}: there is no {given}; it is one of {', '.join(get_args(known))}"


def _refuse_slips(raw: Any, name: str) -> None:
    if not isinstance(raw, dict):
        return
    _refuse_slips_in(raw, _TranscriptIn.__struct_fields__, f"{name}: $")
    turns = raw.get("turns")
    for index, turn in enumerate(turns if isinstance(turns, list) else []):
        if isinstance(turn, dict):
            _refuse_slips_in(turn, _TurnIn.__struct_fields__, f"{name}: $.turns[{index}]")


def _refuse_slips_in(fields: Mapping[str, object], ours: tuple[str, ...], place: str) -> None:
    for field in fields:
        if field not in ours and (near := difflib.get_close_matches(field.lower(), ours, n=1, cutoff=0.8)):
            message = f"{place}: the field {field} is not known; did you mean {near[0]}?"
            raise BadTranscript(message)
