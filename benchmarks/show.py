"""The measured figures as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.measure import Measured
from benchmarks.truth import PARTIES

WAYS = {"ours": "ours", "plain": "faster-whisper, plain", "vad": "faster-whisper, its VAD"}


def lines(total: dict[str, Any], calls: Sequence[Measured]) -> Iterator[str]:
    """Each call's own lines, then the totals."""
    for call in calls:
        yield from _call(call)
        yield ""
    yield f"Over all {total['calls']} calls"
    yield from _words(total)
    yield from _turns(total["turns"])
    yield from _interruptions(total["interruptions"])
    yield from _judgement(total)


def _words(total: dict[str, Any]) -> Iterator[str]:
    yield "Word error rate"
    for way, one in total["word_error_rate"].items():
        worst = _figure(one["worst_call"])
        yield f"  {WAYS[way]:<26}{_figure(one['rate'])}  ({one['errors']} of {one['words']} words; worst call {worst})"
    strays = total["words"]
    yield (
        f"Words where their speaker is silent: {strays['in_silence']} of {strays['words']}"
        f" ({_percent(strays['share'], 2)}), on hold music {strays['on_hold_music']}"
    )


def _turns(turns: dict[str, Any]) -> Iterator[str]:
    yield f"Turns ({turns['turns']} in the truth)"
    for edge in ("start", "end"):
        off = turns[f"{edge}_off_s"]
        mean, high = _figure(off["mean"]), _figure(off["p95"])
        yield f"  {edge}s off by {mean} s on average, {high} s at the 95th percentile (n = {off['n']})"
    yield f"  unmatched {_percent(turns['unmatched'])} ({turns['missed']} missed, {turns['invented']} invented)"
    yield f"  split {_percent(turns['split'])} ({turns['split_turns']})"


def _interruptions(sides: dict[str, Any]) -> Iterator[str]:
    yield "Interruptions"
    for by, one in sides.items():
        yield (
            f"  {'by ' + by if by != 'both' else by:<12} precision {_figure(one['precision'])} ({one['hits']} of"
            f" {one['found']} found), recall {_figure(one['recall'])} ({one['hits']} of {one['true']} true),"
            f" neither way {one['ignored']}"
        )


def _judgement(total: dict[str, Any]) -> Iterator[str]:
    yield "Percent against the quality in the truth (Spearman)"
    for name, one in total["percent_and_quality"].items():
        yield f"  {name.replace('_', ' '):<16} {_figure(one['rho'])} (n = {one['n']})"
    yield f"Calls without a percent: {total['calls_without_percent']} of {total['calls']}"
    if total["kappa"]:
        yield "Verdicts against the truth's (kappa)"
    for criterion, one in total["kappa"].items():
        yield (
            f"  {criterion:<20} {_figure(one['kappa'])} (n = {one['n']}, {one['agreed']} agree,"
            f" {one['not_scorable']} not scorable)"
        )
    channels = total["channels_withheld"]
    yield (
        f"Agent taken to be on the left: flagged {channels['swapped_flagged']} of {channels['swapped']} that are not,"
        f" {channels['straight_flagged']} of {channels['straight']} that are"
    )


def _call(call: Measured) -> Iterator[str]:
    yield call.name
    rates = ", ".join(f"{WAYS[way]} {_figure(one.rate)}" for way, one in call.word_errors.items())
    yield f"  word error rate: {rates}"
    off = call.edges
    yield (
        f"  turns: {off.turns}; missed at {_times(off.missed_s)}; invented at {_times(off.invented_s)};"
        f" split at {_times(off.split_s)}"
    )
    worst = max((*off.start_off_s, *off.end_off_s), default=0.0)
    strays = call.strays
    yield f"  edges: worst {worst:.2f} s; words in silence {strays.in_silence}, on hold music {strays.on_hold}"
    for by in PARTIES:
        one = call.interruptions[by]
        yield (
            f"  interruptions by {by}: right at {_times(one.hits_s)}; missed at {_times(one.missed_s)};"
            f" invented at {_times(one.invented_s)}; neither way at {_times(one.ignored_s)}"
        )
    percent = "no percent" if call.percent is None else f"{call.percent:.0f} %"
    without = "none" if call.percent_without_listens is None else f"{call.percent_without_listens:.0f} %"
    yield f"  {percent} (without listens {without}), quality {call.quality or 'unknown'}, language {call.language}"
    for criterion, (ours, true) in call.verdicts.items():
        yield f"  {criterion}: {ours}" + ("" if ours == true else f", truth {true}")
    yield f"  flags: {', '.join(call.flags) or '-'}"


def _times(times_s: Sequence[float]) -> str:
    return ", ".join(f"{time_s:.1f}" for time_s in times_s) or "-"


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _percent(share: float | None, digits: int = 1) -> str:
    return "none" if share is None else f"{100 * share:.{digits}f} %"
