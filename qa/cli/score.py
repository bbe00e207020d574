"""`qa score`: recordings, transcripts and folders of them, each to a stored scorecard."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.cli.common import EXISTING_FILE, FAILED, json_option, open_store, print_json, put, settings_with, store_option
from qa.cli.progress import bar, fetching

if TYPE_CHECKING:
    from qa.cli.progress import Bar
    from qa.metadata import Metadata
    from qa.remote import RemoteScoring, RemoteStore
    from qa.scoring import Outcome, Scoring
    from qa.settings import Settings
    from qa.store import Store, StoredCall


@click.command(
    short_help="Score recordings, transcripts, folders of them.",
    epilog="""\b
Examples:
  qa score call.wav --team North --agent Ada
  qa score recordings/ --metadata recordings/calls.csv
  qa score --metadata calls.csv --json > results.jsonl
  qa score chat.json meeting.vtt --team North   transcripts need no model
  qa score call.wav --agent-channel right       settles where the agent is
  qa score call.wav --model base --again        afresh, with another model

\b
calls.csv begins with a line of names: recording,team,agent and, if you like,
contact_id,agent_channel,started_at,queue,customer_ref,medium.

\b
Exit code 1: some files failed (each is named, the rest is stored), or none
was found.""",
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--metadata", metavar="CSV", type=EXISTING_FILE, help="A CSV file that says which call is whose.")
@click.option("--team", help="The team that the calls belong to.  [default: unassigned]")
@click.option("--agent", help="Who took the calls.")
@click.option("--agent-channel", type=click.Choice(["left", "right"]), help="The agent's side.  [default: left]")
@click.option("--contact-id", metavar="ID", help="The phone system's own number, unique in the team; for one file.")
@click.option("--started-at", metavar="WHEN", help="When it started, in ISO 8601: 2026-03-02T09:14:00+01:00.")
@click.option("--queue", help="The queue that it came through.")
@click.option("--customer-ref", metavar="REF", help="Your own reference for the customer.")
@click.option("--medium", type=click.Choice(["voice", "chat", "email", "social"]), help="What it was held over.")
@click.option("--rubric", metavar="FILE", type=EXISTING_FILE, help="A rubric in TOML.  [default: the one built in]")
@click.option("--model", metavar="NAME|DIR", help="A speech model of `qa models`, or a folder.  [default: tiny.en]")
@click.option("--again", is_flag=True, help="Transcribe and score anew what has been scored before.")
@json_option
@store_option
def score(
    paths: tuple[Path, ...],
    metadata: Path | None,
    rubric: Path | None,
    model: str | None,
    again: bool,
    as_json: bool,
    store: str | None,
    **given: str | None,
) -> int:
    """Score recordings, transcripts, and folders of them.

    A recording (wav, mp3, flac, ogg, m4a) is a telephone call with one person on each channel. A transcript is JSON
    as `qa show --json` prints it, WebVTT or SRT with the speakers' names. What has been scored before, for the same
    team with the same settings, is found again at no cost.

    A server that holds the store is sent what it has not, and scores with its own model, rubric and settings. Ctrl-C
    then stops the waiting alone.
    """
    said = _metadata(paths, metadata, given)
    settings = settings_with(store=store, model=model)
    failed = 0
    lines = None if as_json else Lines()
    found = 0
    with (
        open_store(store) as opened,
        bar("Scoring") as shown,
        _scoring(opened, rubric, model, settings, shown) as scoring,
    ):
        for outcome in scoring.batch(paths, metadata=said, again=again, progress=shown.share):
            with shown.aside():
                print_outcome(outcome, lines)
            found += 1
            failed += outcome.error is not None
    if lines and found:
        lines.close()
    if not found:
        click.echo("qa: nothing to score: no recording or transcript was found there", err=True)
    return FAILED if failed or not found else 0


def _scoring(
    opened: Store | RemoteStore, rubric: Path | None, model: str | None, settings: Settings, shown: Bar
) -> Scoring | RemoteScoring:
    """What scores into the store: here, or by the server that holds it."""
    from qa.scoring import Scoring
    from qa.store import Store

    if isinstance(opened, Store):
        return Scoring(opened, rubric=rubric, settings=settings, fetching=fetching(settings.model, shown))
    from qa.remote import RemoteScoring

    return RemoteScoring(opened, model=model, rubric=rubric)


def _metadata(paths: tuple[Path, ...], csv: Path | None, given: dict[str, str | None]) -> Metadata | Path:
    """What the options say of all the calls, or the CSV that says it of each."""
    from qa import metadata

    said = {name: value for name, value in given.items() if value is not None}
    if csv is not None:
        if said:
            options = ", ".join(f"--{name.replace('_', '-')}" for name in said)
            raise click.UsageError(f"--metadata says whose each call is: leave out {options}, or the CSV.")
        return csv
    if not paths:
        raise click.UsageError("name a recording, a transcript or a folder, or give --metadata.")
    if "contact_id" in said and (len(paths) > 1 or paths[0].is_dir()):
        raise click.UsageError("--contact-id is for one file: give several their ids with --metadata.")
    return metadata.parse(said, zone=settings_with().zone)


def print_outcome(outcome: Outcome, lines: Lines | None) -> None:
    """One line of JSON for scripts; for people a line or two, with failures on stderr."""
    if lines is None:
        from qa.scoring import result_line

        print_json(result_line(outcome))
        sys.stdout.flush()  # whoever reads along sees each call when it is done
    else:
        lines.add(outcome)


class Lines:
    """Results as people read them, and a sum at the end."""

    def __init__(self) -> None:
        self._scored: list[StoredCall] = []
        self._known = self._failed = 0

    def add(self, outcome: Outcome) -> None:
        """Print one result."""
        if outcome.call is None:
            self._failed += 1
            click.echo(f"qa: {' '.join(str(outcome.error).split())}", err=True)
            return
        from qa.cli.reading import summary

        self._scored.append(outcome.call)
        self._known += outcome.known
        put(summary(outcome.recording, outcome.call, outcome.notes))

    def close(self, nothing: str = "") -> None:
        """Print the sum, and what one may do next; `nothing` where there was nothing to do."""
        if not self._scored and not self._failed:
            click.echo(nothing, err=True)
            return
        new = len(self._scored) - self._known
        sums = [f"{new} scored"] if new or not self._known else []
        sums += [f"{self._known} found as before" if new else f"{self._known} found, none new"] if self._known else []
        sums += [f"{self._failed} failed: named above"] if self._failed else []
        put("", f"{', '.join(sums)}.")
        if self._scored:
            last = self._scored[-1]
            put(f"The proof of the last: qa show {last.metadata.contact_id or last.call_id}")
