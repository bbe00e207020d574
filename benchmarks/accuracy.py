"""Measures agreement on all labelled data at hand, and writes it where the product shows it: rubric/accuracy.toml.

    python -m benchmarks.accuracy FOLDER [--model NAME ...]          (make accuracy LABELLED=FOLDER)

FOLDER holds the folders and files that SOURCES names. All of them must be there: a file that mixed figures of two
scorers would say what no scorer does. Of what is kept aside only totals are looked at, as of everything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

import rubric
import transcription
from benchmarks import agreement, cache, gold, tally
from benchmarks.agreement import BARE, TEXT, Agreement
from benchmarks.gold import SCORED
from benchmarks.ours import Ours
from rubric import accuracy
from rubric.accuracy import Accuracy, Source
from transcription import models
from transcription.errors import Problem

FILE = Path(accuracy.__file__).with_name("accuracy.toml")
HEADER = """\
# How well acts, criteria and rules agree with readers. Written by `make accuracy`, not by hand; what each figure means
# stands in rubric/accuracy.py. No part of the scorer version.

"""
BY_MODELS = "the majority of three readings by language models"


class Labelled(NamedTuple):
    """Where labels are, what they are called in words, and who read them.

    What is kept `aside` is told as totals: figures of single rules would invite to tune them to it.
    """

    place: str
    name: str
    readers: str = BY_MODELS
    aside: bool = False


SOURCES = (
    Labelled("gold/dev", "written conversations, four writers"),
    Labelled("gold/score", "written conversations, two writers kept aside", aside=True),
    Labelled("labelled/dev/real", "real conversations in customer service"),
    Labelled("spoken", "spoken calls, four writers"),
    Labelled("spoken-score", "spoken calls, two writers kept aside", aside=True),
    Labelled("labelled/dev/annomi.jsonl", "counselling (AnnoMI)", "people, experts in counselling"),
    Labelled("labelled/dev/mrda_acts.jsonl", "meetings (MRDA)", "people"),
    Labelled("labelled/dev/mrda_interruptions.jsonl", "meetings with times (MRDA)", "people"),
    Labelled("labelled/dev/multiwoz_acts.jsonl", "bookings with an assistant (MultiWOZ)", "people, by dialogue acts"),
    Labelled("labelled/dev/goemotions.jsonl", "messages on social media (GoEmotions)", "people"),
)


def measure(folder: Path, names: Sequence[str], where: Path) -> Accuracy:
    """Everything under `folder`; raises Problem where a part of it is not there."""
    judge = rubric.load()
    ours = [Ours(models.locate(name), settings=transcription.Settings(), where=where) for name in names]
    found: list[Source] = []
    for each in SOURCES:
        found += sources(each, agreement.measure(_read(folder / each.place), judge, ours))
        click.echo(each.name, err=True)
    return Accuracy(rubric.scorer_version(), datetime.now(UTC).date(), tuple(found))


def _read(place: Path) -> gold.Folder:
    if place.suffix != ".jsonl":
        return gold.read(place)
    return gold.Folder((), (), {place.stem: gold.rows(place)})


def sources(of: Labelled, whole: Agreement) -> Iterator[Source]:
    """What was measured in one place, by source: a recording's words may come from a model or from the truth's text."""
    for key, told in whole.told.items():
        yield Source(
            name=of.name + _way(key),
            conversations=len({each.conversation for each in told}),
            readers=of.readers,
            interval_of="kappa" if key == "gold" or key.startswith("spoken/") else "f1",
            acts=whole.figures[key],
            criteria=whole.figures.get("gold_criteria", {}) if key == "gold" else {},
            rules={} if of.aside else tally.rules(told, SCORED),
            percent_auc=whole.percent_auc.get(key),
        )


def _way(key: str) -> str:
    if not key.startswith("spoken/"):
        return ""
    ways = {TEXT: "as text", BARE: "as text without marks and case"}
    return f", {ways.get(key, 'heard by ' + key.removeprefix('spoken/'))}"


def document(measured: Accuracy) -> str:
    """The file's text: one line an act, a criterion or a rule, so that a change shows line by line."""
    parts = [HEADER, _lines({"scorer": measured.scorer, "measured_on": measured.measured_on})]
    for source in measured.sources:
        fields = {name: getattr(source, name) for name in ("name", "conversations", "readers", "interval_of")}
        parts += ["\n[[sources]]\n", _lines(fields)]
        if source.percent_auc is not None:
            parts += [_lines({"percent_auc": source.percent_auc})]
        for name in ("acts", "criteria"):
            if getattr(source, name):
                parts += [f"\n[sources.{name}]\n", _lines(getattr(source, name))]
        for label, rules in source.rules.items():
            parts += [f"\n[sources.rules.{label}]\n", _lines(rules)]
    return "".join(parts)


def _lines(values: dict[str, Any]) -> str:
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in values.items())


def _value(value: Any) -> str:
    if isinstance(value, msgspec.Struct):
        known = ((name, one) for name, one in msgspec.structs.asdict(value).items() if one is not None)
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in known) + " }"
    return json.dumps(value) if isinstance(value, str) else str(value)  # TOML writes strings as JSON does


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else json.dumps(name)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--model", "names", multiple=True, default=("tiny.en", "base"), show_default=True, help="May be repeated."
)
@click.option(
    "--cache", "where", type=click.Path(path_type=Path), default=cache.folder, help="Where transcripts are kept."
)
def main(*, folder: Path, names: tuple[str, ...], where: Path) -> None:
    """Measure agreement with all readers whose labels are under FOLDER, and write rubric/accuracy.toml."""
    try:
        measured = measure(folder, names, where)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem
    text = document(measured)
    if accuracy.parse(text.encode()) != measured:
        raise click.ClickException("the figures do not come back from the file as they are; nothing was written")
    FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
