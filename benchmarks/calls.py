"""Measures the product on a folder of recordings with their truth beside them.

    python -m benchmarks.calls DIR [--model NAME] [--json] [--totals]

Prints, per call and over all: word error rate beside faster-whisper's own, how far starts and ends of turns are
off, interruptions by each side, words where nobody spoke, and how far percent and verdicts go with the truth's.
Transcripts and baselines are kept in a cache; those of the product count only for the code that made them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import track

import rubric
import transcription
from benchmarks import cache, show, truth
from benchmarks.baselines import Baselines, Way
from benchmarks.measure import Measured, measure, totals
from benchmarks.ours import Ours
from benchmarks.truth import Truth
from rubric.file import Rubric
from transcription import models
from transcription.errors import Problem


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--model", default="tiny.en", show_default=True, help="A model's name, or the folder that holds one.")
@click.option("--rubric", "rubric_file", type=click.Path(path_type=Path), help="A rubric instead of the default one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines to read.")
@click.option("--totals", "only_totals", is_flag=True, help="Only the figures over all calls, nothing of any one.")
@click.option("--no-baselines", is_flag=True, help="Leave faster-whisper's own word error rate out (slow at first).")
@click.option("--fresh", is_flag=True, help="Transcribe again, whatever the cache holds.")
@click.option(
    "--cache", "where", type=click.Path(path_type=Path), default=cache.folder, help="Where slow results are kept."
)
def main(
    *,
    folder: Path,
    model: str,
    rubric_file: Path | None,
    as_json: bool,
    only_totals: bool,
    no_baselines: bool,
    fresh: bool,
    where: Path,
) -> None:
    """Measure the product on the recordings in DIR that have a NAME.truth.json beside them."""
    try:
        pairs = truth.folder(folder)
        ours = Ours(models.locate(model), settings=transcription.Settings(), where=where, fresh=fresh)
        judge = rubric.load(rubric_file)
        calls = run(pairs, ours, None if no_baselines else Baselines.beside(ours), judge)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem
    report: dict[str, Any] = {"model": ours.model.name, "rubric": judge.version, "totals": totals(calls)}
    if not only_totals:
        report["calls"] = calls
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        for line in show.lines(report["totals"], () if only_totals else calls):
            click.echo(line)


def run(pairs: Sequence[tuple[Path, Truth]], ours: Ours, baselines: Baselines | None, judge: Rubric) -> list[Measured]:
    """Every call, measured; the bar on standard error names no call."""
    calls = []
    for recording, true in track(pairs, "measuring", console=Console(stderr=True), disable=not sys.stderr.isatty()):
        heard = heard_by_speaker(recording, true, baselines) if baselines else {}
        calls.append(measure(recording.name, true, ours.transcript(recording), judge, heard))
    return calls


def heard_by_speaker(recording: Path, true: Truth, baselines: Baselines) -> dict[str, dict[str, str]]:
    """What faster-whisper heard, by way of calling it, then by speaker."""
    ways: tuple[Way, ...] = ("plain", "vad")
    heard = {way: baselines.heard(recording, way).text for way in ways}
    return {way: true.by_speaker(text) for way, text in heard.items()}


if __name__ == "__main__":
    main()
