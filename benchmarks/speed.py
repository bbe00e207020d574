"""How long the product takes for a call, beside faster-whisper called per channel, in the same run.

    python -m benchmarks.speed DIR [--model NAME ...] [--call NAME ...] [--rounds 3]

Each round takes every call three ways, one after the other (ours, faster-whisper plain, its BatchedInferencePipeline
with its VAD), so that whatever else the machine does meets all three alike. Same model, beam, temperature and word
times; decoding is part of each. Read the ratios, not the seconds.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import track

import transcription
from benchmarks import cache, truth, words
from benchmarks.baselines import Baselines
from benchmarks.ours import Ours
from benchmarks.truth import Truth
from transcription import models
from transcription.errors import Problem

CALLS = ("w1-05", "w1-06", "w1-07", "w2-05", "w4-04", "w5-07")
"""Six of the spoken calls: wav, mp3 and ogg, with and without hold music, 145 to 195 s each."""
AIM = {"plain": 0.45, "batched": 0.92}
"""At most this share of each way's time; a trial of both channels' windows in one pass gave 0.39 and 0.85."""


class Race(msgspec.Struct, frozen=True):
    """Seconds over all calls by way, one value a round, and how well each way heard."""

    audio_s: float
    seconds: dict[str, list[float]]
    word_errors: dict[str, words.Errors]

    def ratio(self, way: str) -> float:
        """Our share of the way's time: the median of the rounds' ratios."""
        return statistics.median(
            ours / other for ours, other in zip(self.seconds["ours"], self.seconds[way], strict=True)
        )


def six(folder: Path, names: Sequence[str] = CALLS) -> list[tuple[Path, Truth]]:
    """The calls of that name in the folder; raises BadTruth where one is missing."""
    there = {recording.stem: (recording, true) for recording, true in truth.folder(folder)}
    if missing := [name for name in names if name not in there]:
        raise truth.BadTruth(f"{folder}: no call {', '.join(missing)} here; name others with --call")
    return [there[name] for name in names]


def race(calls: Sequence[tuple[Path, Truth]], ours: Ours, *, rounds: int = 3) -> Race:
    """Every call in every round by each way in turn; the first call warms each way up, untimed."""
    others = Baselines.beside(ours)
    ways: dict[str, Callable[[Path, Truth], dict[str, str]]] = {
        "ours": lambda recording, true: words.text_by_speaker(true.settled(ours.transcribe(recording))),
        "plain": lambda recording, true: true.by_speaker(others.hear(recording, "plain").text),
        "batched": lambda recording, true: true.by_speaker(others.hear(recording, "batched").text),
    }
    for way in ways.values():
        way(*calls[0])
    seconds = {name: [0.0] * rounds for name in ways}
    errors = {name: words.Errors() for name in ways}
    laps = [(number, call) for number in range(rounds) for call in calls]
    for number, (recording, true) in track(
        laps, ours.model.name, console=Console(stderr=True), disable=not sys.stderr.isatty()
    ):
        for name, way in ways.items():
            start = time.perf_counter()
            heard = way(recording, true)
            seconds[name][number] += time.perf_counter() - start
            if number == 0:
                errors[name] += words.call_errors(true, heard)
    return Race(sum(true.turns[-1].end_s for _, true in calls), seconds, errors)


def lines(name: str, result: Race) -> list[str]:
    """The race to read."""
    head = f"{name}: {result.audio_s:.0f} s of talk, {len(result.seconds['ours'])} rounds"
    report = [head]
    for way, rounds in result.seconds.items():
        middle = statistics.median(rounds)
        rate = result.word_errors[way].rate
        aim = f", ours takes {result.ratio(way):.2f} of it (aim: at most {AIM[way]})" if way in AIM else ""
        each = ", ".join(f"{one:.1f}" for one in rounds)
        report.append(f"  {way:<8}{middle:7.1f} s (rounds {each}), word error rate {rate or 0.0:.3f}{aim}")
    return report


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--model", "names", multiple=True, default=("tiny.en", "base"), show_default=True, help="May be repeated."
)
@click.option("--call", "calls", multiple=True, default=CALLS, show_default=True, help="May be repeated.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
def main(*, folder: Path, names: tuple[str, ...], calls: tuple[str, ...], rounds: int) -> None:
    """Time the product beside faster-whisper on calls of the folder DIR."""
    try:
        chosen = six(folder, calls)
        for name in names:
            ours = Ours(models.locate(name), settings=transcription.Settings(), where=cache.folder())
            click.echo("\n".join(lines(name, race(chosen, ours, rounds=rounds))))
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem


if __name__ == "__main__":
    main()
