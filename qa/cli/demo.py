"""`qa demo`: what the product does, in a minute, with calls that are in the package."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.cli.common import FAILED, put
from qa.cli.progress import bar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from qa.scoring import Outcome
    from qa.store import StoredCall

STORE = "demo.duckdb"


@click.command(
    short_help="What it does, in a minute, with made-up calls.",
    epilog="""\b
Afterwards:
  qa show broadband --store demo.duckdb
  qa sql "SELECT * FROM team_comparison" --store demo.duckdb""",
)
@click.option(
    "--store",
    metavar="FILE",
    default=STORE,
    show_default=True,
    help="Where the demo's calls are kept. QA_STORE does not count: made-up calls are not for your store.",
)
def demo(store: str) -> int:
    """Score three calls from sound and compare two teams: made-up calls, in a store of their own."""
    from qa import demo as shown
    from qa.cli.compare import tables
    from qa.cli.reading import page
    from qa.scoring import Scoring
    from qa.settings import load
    from qa.store import Store

    settings = load(store=store, model="tiny.en")
    with Store.open(Path(store), settings=settings) as opened, Scoring(opened, settings=settings) as scoring:
        _title("Three telephone calls, scored from sound")
        put("Written by language models and spoken by synthetic voices: nobody in them exists.\n")
        began = time.monotonic()
        with bar("Transcribing and scoring") as moving:
            calls, failed = _collected(shown.score_calls(scoring, progress=moving.share))
        took_s = time.monotonic() - began
        put(_results(calls, shown.WRITTEN_TO_BE))
        talk_s = sum(call.transcript.duration_s or 0 for call in calls if call.transcript)
        put(f"{talk_s / 60:.1f} minutes of talk in {took_s:.0f} s, on this machine, with the model tiny.en.\n")

        _title(f"One of them whole: {shown.SHOWN}")
        put(page(opened.call(shown.SHOWN)))

        _title(f"Apart from those: two teams, {' and '.join(shown.TEAMS)}, scored as text")
        put(
            "32 conversations that two language models wrote, 16 a team, each with an agent of its own. The teams "
            "differ as their two writers do, and no real team stands behind the names.\n"
        )
        with bar("Scoring conversations") as moving:
            _, failed_too = _collected(shown.score_conversations(scoring, progress=moving.share))
        rows = tuple(row for row in opened.compare("team") if row.team in shown.TEAMS)
        for table in tables(rows, "team"):
            put(table)

    _title("Next")
    put(_next_steps(store))
    for problem in failed + failed_too:
        click.echo(f"qa: {problem}", err=True)
    return FAILED if failed or failed_too else 0


def _title(text: str) -> None:
    from rich.rule import Rule

    put("", Rule(text, align="left", style="dim", characters="─"))


def _collected(outcomes: Iterable[Outcome]) -> tuple[list[StoredCall], list[str]]:
    calls, failed = [], []
    for outcome in outcomes:
        if outcome.call is not None:
            calls.append(outcome.call)
        if outcome.error is not None:
            failed.append(outcome.error)
    return calls, failed


def _results(calls: list[StoredCall], written_to_be: dict[str, str]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from qa.cli.reading import clock, percent_text, verdicts

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("call", "written\nto be", "length", "percent", "criteria"):
        table.add_column(heading, justify="right" if heading in {"length", "percent"} else "left")
    for call in calls:
        contact = call.metadata.contact_id or ""
        if call.scorecard is not None and call.transcript is not None:
            percent = Text(percent_text(call.scorecard.percent), style="bold")
            length = clock(call.transcript.duration_s)
            table.add_row(contact, written_to_be.get(contact), length, percent, verdicts(call.scorecard))
    return table


def _next_steps(store: str) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 3))
    if shutil.which("qa") is None:
        table.add_row(
            f"  source {os.path.relpath(sys.prefix)}/bin/activate", Text("so that qa is a command", style="dim")
        )
    for command, what in (
        (f"qa show broadband --store {store}", "another call, whole"),
        (f'qa sql "FROM team_comparison" --store {store}', "any question, in SQL"),
        ("qa score YOUR-CALL.wav --team North", "a call of your own"),
        ("qa serve", "the same over HTTP"),
    ):
        table.add_row(f"  {command}", Text(what, style="dim"))
    return table
