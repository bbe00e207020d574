"""The measures of a call as a person reads them: a few lines with units, and "–" for what is not known."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rubric.types import Measures, Scorecard
from transcription.types import Transcript

_UNKNOWN = "–"
# From here on a mood has a side; between, it is neutral.
_LEANS = 0.5


def block(scorecard: Scorecard, transcript: Transcript) -> Iterator[RenderableType]:
    """What was measured: of both speakers side by side, then of the call; nothing where nothing was measured."""
    if (it := scorecard.measures) is not None:
        yield Text.assemble(("Measures", "bold"), " (no points)")
        yield from _by_speaker(it, transcript)
        yield from _of_call(it)
        yield _line("stock phrases", _stock(it.stock_phrase_share, doubtful=bool(scorecard.flags)))


def _by_speaker(it: Measures, transcript: Transcript) -> Iterator[RenderableType]:
    rows = (
        ("share of the talk", _percent(it.agent_talk_share), _percent(_rest(it.agent_talk_share))),
        ("longest monologue", _seconds(it.agent_longest_monologue_s), _seconds(it.customer_longest_monologue_s)),
        ("time to answer (median)", _seconds(it.agent_answer_s), _seconds(it.customer_answer_s)),
        ("words per minute", _number(it.agent_words_per_minute), _number(it.customer_words_per_minute)),
    )
    if all(one == other == _UNKNOWN for _, one, other in rows):
        yield _line("talk and pace", f"{_UNKNOWN} {_why_not(transcript)}".rstrip())
        return
    table = _grid()
    table.columns[1].justify = "right"
    table.columns[1].min_width = 8
    table.add_column(justify="right", min_width=8)
    table.add_row("", Text("agent", style="cyan"), Text("customer", style="blue"))
    for row in rows:
        table.add_row(*row)
    yield table


def _of_call(it: Measures) -> Iterator[RenderableType]:
    if it.pace_ratio is not None:
        following = "" if it.pace_following is None else f"; follows it turn by turn: {it.pace_following:+.2f}"
        yield _line("agent's pace", f"{it.pace_ratio:.2f} × the customer's{following}")
    if it.silences is not None:
        yield _line("silences over 3 s", _silences(it))
    yield _line("customer's mood", f"{_mood(it.mood_start)} at the start, {_mood(it.mood_end)} at the end")


def _silences(it: Measures) -> str:
    if not it.silences:
        return "none"
    explained = _UNKNOWN if it.explained_silences is None else f"{it.explained_silences}"
    for_s = f" ({_seconds(it.explained_silence_s)})" if it.explained_silences else ""
    return f"{it.silences}, {_seconds(it.silence_s)} in all; explained: {explained}{for_s}"


def _mood(mood: float | None) -> str:
    if mood is None:
        return _UNKNOWN
    name = "upset" if mood <= -_LEANS else "content" if mood >= _LEANS else "neutral"
    return f"{name} ({mood:.1f})"


def _stock(share: float | None, *, doubtful: bool) -> str:
    if share is None:
        return _UNKNOWN if doubtful else f"{_UNKNOWN} (no words of empathy)"
    return f"{_percent(share)} of the agent's sentences of empathy"


def _why_not(transcript: Transcript) -> str:
    if transcript.medium != "voice":
        return "(written)"
    return "(no times of speech)" if transcript.times_from in {"none", "cues"} else ""


def _line(name: str, value: str) -> Table:
    table = _grid()
    table.add_row(name, value)
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=24, no_wrap=True)
    table.add_column()
    return table


def _rest(share: float | None) -> float | None:
    return None if share is None else 1 - share


def _percent(share: float | None) -> str:
    return _UNKNOWN if share is None else f"{100 * share:.0f} %"


def _seconds(seconds: float | None) -> str:
    return _UNKNOWN if seconds is None else f"{seconds:.1f} s"


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.0f}"
