"""`qa verify` and `qa rescore`: scorecards made again from what is stored, no sound needed."""

from __future__ import annotations

from pathlib import Path

import click

from qa.cli.common import (
    EXISTING_FILE,
    FAILED,
    json_option,
    open_own_store,
    plural,
    print_json,
    settings_with,
    store_option,
)
from qa.cli.progress import bar
from qa.cli.score import Lines, print_outcome


@click.command(
    short_help="Do scorecards come out the same again?",
    epilog="""\b
Examples:
  qa verify 4711
  qa verify                 every scorecard of the store
  qa verify --team North

The store must be free: a server that holds it is not asked.

Exit code 1: a scorecard did not come out the same; its line says which version differs.""",
)
@click.argument("call", required=False)
@click.option("--team", help="The team: where two teams have that contact id, or whose scorecards.")
@json_option
@store_option
def verify(call: str | None, team: str | None, as_json: bool, store: str | None) -> int:
    """Score CALL, or every call, again from the stored transcript and compare the scorecards byte by byte."""
    from qa.scoring import Scoring

    same = total = 0
    with (
        open_own_store(store, read_only=True) as opened,
        Scoring(opened, settings=settings_with(store=store)) as scoring,
    ):
        for each in [scoring.verify(call, team=team)] if call else scoring.verify_all(team=team):
            total += 1
            same += each.same
            if as_json:
                print_json(each)
            elif not each.same:
                click.echo(f"{call or each.call_id}: not the same: {each.reason}")
            elif call:
                by = f"rubric {each.rubric}, scorer {each.scorer}"
                click.echo(f"{call}: the scorecard comes out the same, byte for byte ({by}).")
    if not call and not as_json:
        click.echo(f"{same} of {plural(total, 'scorecard')} come out the same, byte for byte.")
    return 0 if same == total else FAILED


@click.command(
    short_help="Score what is stored anew, after a change.",
    epilog="""\b
Examples:
  qa rescore                               after an update of the program
  qa rescore --rubric our-rubric.toml      last month by another rubric

The store must be free: a server that holds it is not asked.""",
)
@click.option("--team", help="Only the calls of this team.")
@click.option("--rubric", metavar="FILE", type=EXISTING_FILE, help="A rubric in TOML.  [default: the one built in]")
@json_option
@store_option
def rescore(team: str | None, rubric: Path | None, as_json: bool, store: str | None) -> int:
    """Score all stored transcripts again where another rubric or scorer judged them.

    No sound is needed and nothing is transcribed. Each scorecard is replaced whole, or not at all.
    """
    from qa.scoring import Scoring

    failed = 0
    lines = None if as_json else Lines()
    settings = settings_with(store=store)
    with (
        open_own_store(store) as opened,
        Scoring(opened, rubric=rubric, settings=settings) as scoring,
        bar("Scoring anew") as shown,
    ):
        for outcome in scoring.rescore(team=team):
            with shown.aside():
                print_outcome(outcome, lines)
            failed += outcome.error is not None
    if lines:
        lines.close("Nothing to do: this rubric and this scorer have judged every call.")
    return FAILED if failed else 0
