"""`qa rubric accuracy`: how well what the rubric rests on agrees with readers, as it was last measured."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from qa.cli.common import json_option, print_json, put, store_option

if TYPE_CHECKING:
    from rich.table import Table

    from rubric.accuracy import Accuracy, Figures, Source


@click.command(
    short_help="How well it agrees with readers.",
    epilog="""\b
Examples:
  qa rubric accuracy              every act and criterion
  qa rubric accuracy validation   one act, with the rules that found it""",
)
@click.argument("name", required=False)
@json_option
@store_option
def accuracy(name: str | None, as_json: bool, store: str | None) -> None:  # noqa: ARG001 - every command takes it
    """Show how well acts and criteria agree with people's and models' readings of the same turns.

    NAME is an act (validation) or a criterion (validates); with it come the figures of each rule. They were measured
    on labelled conversations when this version was made; `qa sql` has them in the tables accuracy and rule_accuracy.
    """
    from rubric import accuracy as figures

    measured = figures.measured()
    if name is not None:
        _check(name, measured)
    if as_json:
        print_json(measured if name is None else _only(name, measured))
        return
    put(
        _heading(measured),
        *_only_an_act(name, measured),
        *(_by_source(measured.sources) if name is None else _of_one(name, measured.sources)),
    )


def _check(name: str, measured: Accuracy) -> None:
    from rubric import load

    known = {known for source in measured.sources for known in (*source.acts, *source.criteria)}
    if name not in known:
        if name in {criterion.id for criterion in load().criteria}:
            reason = "nobody has read conversations for this criterion, so its agreement is not known"
            raise click.BadParameter(f"{name}: {reason}", param_hint="NAME")
        near = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
        raise click.BadParameter(f"nothing was measured for {name!r}; {hint}", param_hint="NAME")


def _only(name: str, measured: Accuracy) -> list[dict[str, Any]]:
    """One act or criterion over all sources."""
    return [
        {
            "source": source.name,
            "readers": source.readers,
            "interval_of": source.interval_of,
            "figures": source.acts.get(name) or source.criteria[name],
            "rules": source.rules.get(name, {}),
        }
        for source in measured.sources
        if name in source.acts or name in source.criteria
    ]


def _heading(measured: Accuracy) -> str:
    from rubric import scorer_version

    now = scorer_version()
    own = "this program's scorer" if measured.scorer == now else f"not this program's, which is {now}: out of date"
    return f"Measured on {measured.measured_on} with scorer {measured.scorer}, {own}."


def _only_an_act(name: str | None, measured: Accuracy) -> Iterator[str]:
    """A word on a name that is an act's and a criterion's, where only the act has been measured."""
    from rubric import load

    criteria = {criterion.id for criterion in load().criteria}
    if name in criteria and not any(name in source.criteria for source in measured.sources):
        yield f"These are figures of the act {name}; the verdicts of the criterion {name} have not been measured."


def _by_source(sources: Iterable[Source]) -> Iterator[Table | str]:
    for source in sources:
        yield _title(source)
        yield _table({**source.acts, **source.criteria}, "act or criterion")
        if source.percent_auc is not None:
            auc = source.percent_auc
            yield (
                f"percent tells {auc.n_high} conversations of high quality from {auc.n_low} of low:"
                f" AUC {_figure(auc.auc)} ({_figure(auc.low)} to {_figure(auc.high)}), {auc.no_percent} have no percent"
            )


def _of_one(name: str, sources: Iterable[Source]) -> Iterator[Table | str]:
    for source in sources:
        own = {found: one for found, one in (*source.acts.items(), *source.criteria.items()) if found == name}
        if own:
            yield _title(source)
            yield _table(own, "")
            if source.rules.get(name):
                yield _rules(source, name)


def _title(source: Source) -> str:
    interval_of = {"kappa": "kappa", "f1": "F1"}[source.interval_of]
    return (
        f"\n{source.name}: {source.conversations} conversations, read by {source.readers}; the interval is of "
        f"{interval_of}"
    )


def _table(figures: dict[str, Figures], first: str) -> Table:
    table = _columns(first, "n", "yes", "prec.", "recall", "F1", "kappa", "95 % interval")
    for name, one in figures.items():
        values = (one.precision, one.recall, one.f1, one.kappa)
        interval = "" if one.low is None else f"{_figure(one.low)} to {_figure(one.high)}"
        table.add_row(
            name, str(one.n), "" if one.positives is None else str(one.positives), *map(_figure, values), interval
        )
    return table


def _rules(source: Source, name: str) -> Table:
    table = _columns("rule", "found", "correct")
    for rule, one in source.rules[name].items():
        table.add_row(rule, str(one.found), str(one.correct))
    return table


def _columns(*names: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, name in enumerate(names):
        table.add_column(name, justify="right" if position else "left", no_wrap=True)
    return table


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
