"""`qa import`: what is known of calls from elsewhere, brought into the store."""

from __future__ import annotations

from pathlib import Path

import click

from qa.cli.common import (
    EXISTING_FILE,
    FAILED,
    json_option,
    open_store,
    plural,
    print_json,
    settings_with,
    store_option,
)


@click.group(
    "import",
    short_help="What became of calls: satisfaction, repeat contact, churn.",
    epilog="""\b
Examples:
  qa import outcomes survey.csv""",
)
def imports() -> None:
    """Bring in what is known of calls from elsewhere."""


@imports.command(
    short_help="What became of calls, from a CSV file.",
    epilog="""\b
Examples:
  qa import outcomes survey.csv
  qa import outcomes survey.csv --json
  qa sql "SELECT * FROM outcomes_by_score"

\b
survey.csv begins with a line of names: contact_id or call_id; team, where
several teams have a contact id; csat (a number), repeat_contact and churned
(yes or no), as many as are known; and when it was known (ISO 8601), if known.

\b
An empty cell says nothing. A value that was known later replaces an earlier
one; without `when` it was known now. The same file again changes nothing.

\b
Exit code 1: some rows could not be taken; each is named, the others are kept.""",
)
@click.argument("file", type=EXISTING_FILE)
@json_option
@store_option
def outcomes(file: Path, as_json: bool, store: str | None) -> int:
    """Keep what the CSV FILE says became of calls, to hold it against their scores."""
    from qa.outcomes import read_csv

    rows = read_csv(file, zone=settings_with(store=store).zone)
    with open_store(store) as opened:
        done = opened.import_outcomes(rows)
    for problem in done.problems:
        click.echo(f"qa: {' '.join(problem.split())}", err=True)
    if as_json:
        print_json(done)
    else:
        named = f"; {plural(len(done.problems), 'row')} not taken, named above" if done.problems else ""
        known = plural(done.new, "new value")
        click.echo(f"{known}, {done.replaced} replaced, {done.unchanged} as before{named}.")
    return FAILED if done.problems else 0
