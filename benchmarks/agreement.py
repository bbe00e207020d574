"""How well the product agrees with readers of the same turns.

    python -m benchmarks.agreement DIR [--json] [--totals] [--model NAME ...]
    python -m benchmarks.agreement DIR --cases LABEL [--most N]

DIR holds labelled conversations, recordings with their truth, rows of corpora, or all of them (benchmarks/gold.py).
Acts are compared turn by turn, criteria by their verdicts. An act found in sound counts for the true turn that its
words overlap most in time; beside it stand the same conversations' text, and their text without marks and case.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.progress import track

import rubric
import transcription
from benchmarks import cache, gold, misses, readings, tables, tally
from benchmarks.gold import SCORED, Conversation, Folder, Spoken
from benchmarks.ours import Ours
from benchmarks.readings import Reading
from benchmarks.tally import Told
from rubric.accuracy import Auc, Figures
from rubric.file import Rubric
from transcription import models
from transcription.errors import Problem

TEXT, BARE = "spoken/text", "spoken/bare-text"


class Agreement(NamedTuple):
    """All figures of a folder: by source and label, by file and AUC; and the turns that they come from.

    A source is `gold`, `gold_criteria`, `spoken/<model>` (beside `spoken/text` and `spoken/bare-text`) or the stem of
    a file of rows. `astray` says how many acts found in sound overlap no turn.
    """

    figures: dict[str, dict[str, Figures]]
    percent_auc: dict[str, Auc]
    told: dict[str, list[Told]]
    readings: dict[str, list[Reading]]
    astray: dict[str, int]

    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        figures: dict[str, Any] = {
            source: {label: _fields(one) for label, one in of.items()} for source, of in self.figures.items()
        }
        return figures | ({"percent_auc": self.percent_auc} if self.percent_auc else {})


def _fields(one: Figures) -> dict[str, Any]:
    """Only a criterion can be not scorable."""
    fields = msgspec.structs.asdict(one)
    if one.not_scorable is None:
        del fields["not_scorable"]
    return fields


def measure(folder: Folder, judge: Rubric, listeners: Sequence[Ours] = ()) -> Agreement:
    """Compare all that is labelled in a folder with what the product finds in it."""
    whole = Agreement({}, {}, {}, {}, {})
    verdicts: dict[str, list[tuple[str, str]]] = {}
    if folder.conversations:
        found, verdicts = _conversations(folder.conversations, judge)
        whole.readings["gold"] = found
        whole.told["gold"] = [each.told for each in found]
    if folder.spoken:
        for name, bare in ((TEXT, False), (BARE, True)):
            found, _ = _conversations([each.conversation for each in folder.spoken], judge, bare=bare)
            whole.told[name] = [each.told for each in found]
        for ours in listeners:
            source = f"spoken/{ours.model.name}"
            whole.told[source], whole.astray[source] = _sound(folder.spoken, ours, judge)
    for stem, rows in folder.rows.items():
        whole.readings[stem] = list(readings.of_rows(rows, judge))
        whole.told[stem] = [each.told for each in whole.readings[stem]]
        percents = readings.percents(rows, judge)
        if percents:
            whole.percent_auc[stem] = tally.auc(percents)
    for source, told in whole.told.items():
        whole.figures[source] = tally.labels(told, SCORED, interval_of="f1" if source in folder.rows else "kappa")
    if verdicts:
        whole.figures["gold_criteria"] = {name: tally.criterion(pairs) for name, pairs in verdicts.items()}
    return whole


def _conversations(
    conversations: Iterable[Conversation], judge: Rubric, *, bare: bool = False
) -> tuple[list[Reading], dict[str, list[tuple[str, str]]]]:
    """The turns of conversations, and by criterion each conversation's verdicts, ours and the readers'."""
    found: list[Reading] = []
    verdicts: dict[str, list[tuple[str, str]]] = {}
    for each in conversations:
        transcript = each.transcript(bare=bare)
        card = rubric.score(transcript, judge)
        found += readings.of_conversation(each, transcript, card)
        for score in card.scores:
            if score.criterion in each.criteria:
                verdicts.setdefault(score.criterion, []).append((score.verdict, each.criteria[score.criterion]))
    return found, verdicts


def _sound(spoken: Sequence[Spoken], ours: Ours, judge: Rubric) -> tuple[list[Told], int]:
    """The true turns of recordings, with what is found in what the model heard, the agent where the truth says."""
    told: list[Told] = []
    astray = 0
    bar = Console(stderr=True)
    for each in track(spoken, ours.model.name, console=bar, disable=not sys.stderr.isatty()):
        transcript = each.truth.settled(ours.transcript(each.recording))
        card = rubric.score(transcript, judge, speakers_settled=True)
        turns, lost = readings.of_sound(each.conversation, card.acts)
        told += turns
        astray += lost
    return told, astray


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON document.")
@click.option("--totals", "only_totals", is_flag=True, help="Figures alone: no text of any turn, no conversation.")
@click.option(
    "--model", "names", multiple=True, default=("tiny.en",), show_default=True, help="For recordings; may be repeated."
)
@click.option("--rubric", "rubric_file", type=click.Path(path_type=Path), help="A rubric instead of the default one.")
@click.option("--cases", metavar="LABEL", help="Instead: each turn on which we and the readers differ about LABEL.")
@click.option("--most", type=int, help="With --cases: only so many, the farthest off first.")
@click.option("--cache", "where", type=click.Path(path_type=Path), default=cache.folder, help="Where transcripts are.")
def main(
    *,
    folder: Path,
    as_json: bool,
    only_totals: bool,
    names: tuple[str, ...],
    rubric_file: Path | None,
    cases: str | None,
    most: int | None,
    where: Path,
) -> None:
    """Measure how well the product agrees with the labels of the conversations, recordings and rows in DIR."""
    if cases and only_totals:
        raise click.UsageError("--cases prints turns and --totals forbids it: give one of them")
    try:
        found = gold.read(folder)
        judge = rubric.load(rubric_file)
        if cases:
            found = found._replace(spoken=())
        settings = transcription.Settings()
        ours = [Ours(models.locate(name), settings=settings, where=where) for name in names] if found.spoken else []
        whole = measure(found, judge, ours)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(whole.document())))
    elif cases:
        tables.cases(misses.of(whole.readings, cases)[:most], cases)
    else:
        tables.show(whole.figures, whole.percent_auc, whole.astray)
        if not only_totals:
            for source, found_turns in whole.readings.items():
                tables.worst(misses.worst(found_turns), source)


if __name__ == "__main__":
    main()
