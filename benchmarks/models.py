"""Measures speech models on recordings with their truth, and writes the figures where the product shows them.

    python -m benchmarks.models DIR [--model NAME ...]

Word error rate and real-time factor of the whole way from a recording to its transcript go into the table of
docs/models.md and into transcription/models.toml, which `qa models` reads. Nothing is taken from the cache, since
time is measured; run it on an idle machine.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import track

import transcription
from benchmarks import cache, truth, words
from benchmarks.ours import Ours
from transcription import models
from transcription.errors import Problem

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "models.md"
DATA = ROOT / "transcription" / "models.toml"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Figures(msgspec.Struct, frozen=True):
    """What one model did: errors over all calls, the worst call's rate, and seconds of work for a second of call."""

    name: str
    size_mb: float
    languages: str
    errors: words.Errors
    worst: float
    real_time_factor: float


def measure(name: str, folder: Path) -> Figures:
    """Transcribe every call of the folder anew; raises Problem."""
    ours = Ours(models.locate(name), settings=transcription.Settings(), where=cache.folder())
    pairs = truth.folder(folder)
    ours.transcribe(pairs[0][0])  # loads and warms up, untimed
    errors, rates, work_s, audio_s = words.Errors(), [], 0.0, 0.0
    for recording, true in track(pairs, name, console=Console(stderr=True), disable=not sys.stderr.isatty()):
        start = time.perf_counter()
        transcript = ours.transcribe(recording)
        work_s += time.perf_counter() - start
        audio_s += transcript.duration_s or 0.0
        call = words.call_errors(true, words.text_by_speaker(true.settled(transcript)))
        errors += call
        rates.append(call.rate or 0.0)
    size_mb = ours.model.size_bytes / 1e6
    return Figures(name, size_mb, ours.model.languages, errors, max(rates), work_s / audio_s)


def table(measured: list[Figures], *, calls: int) -> str:
    """The figures as a Markdown table, with the machine and the day they hold for."""
    rows = [
        f"| `{one.name}` | {one.size_mb:.0f} MB | {'English' if one.languages == 'en' else 'many'} |"
        f" {one.errors.rate or 0.0:.3f} | {one.worst:.3f} | {one.real_time_factor:.3f} |"
        for one in measured
    ]
    n = measured[0].errors.words
    return "\n".join(
        [
            "| model | size | languages | word error rate | worst call | real-time factor |",
            "|---|---:|---|---:|---:|---:|",
            *rows,
            "",
            f"{calls} calls, {n} words; {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}).",
        ]
    )


def with_table(page: str, new: str) -> str:
    """The page with what stands between its two marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{new}\n{END}{after}"


def with_figures(rows: str, one: Figures) -> str:
    """models.toml with the model's two figures set, comments and all other rows as they are."""
    head = re.compile(rf'^\[(?:"{re.escape(one.name)}"|{re.escape(one.name)})\]\n((?:[^\[\n].*\n)*)', re.MULTILINE)
    found = head.search(rows)
    if found is None:
        raise truth.BadTruth(f"{DATA.name}: no row for {one.name!r}; only models known by name have figures")
    kept = "".join(line for line in found[1].splitlines(keepends=True) if not line.startswith(("word_", "real_")))
    figures = f"word_error_rate = {one.errors.rate or 0.0:.3f}\nreal_time_factor = {one.real_time_factor:.3f}\n"
    return rows[: found.start(1)] + kept + figures + rows[found.end(1) :]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--model", "names", multiple=True, default=("tiny.en", "base"), show_default=True, help="May be repeated."
)
@click.option("--dry-run", is_flag=True, help="Print the table, write nothing.")
def main(*, folder: Path, names: tuple[str, ...], dry_run: bool) -> None:
    """Measure speech models on the recordings in DIR that have a NAME.truth.json beside them."""
    try:
        measured = [measure(name, folder) for name in names]
        new = table(measured, calls=len(truth.folder(folder)))
        click.echo(new)
        if dry_run:
            return
        rows = DATA.read_text(encoding="utf-8")
        for one in measured:
            rows = with_figures(rows, one)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem
    DATA.write_text(rows, encoding="utf-8")
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), new), encoding="utf-8")


if __name__ == "__main__":
    main()
