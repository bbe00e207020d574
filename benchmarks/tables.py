"""Agreement as tables and lines to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks import tally
from benchmarks.gold import AGENT, CUSTOMER, FREQUENT
from benchmarks.misses import Miss
from rubric.accuracy import Auc, Figures

FEW = 9
"""From so many positives on a label of real conversations counts in their mean."""

_CONTEXT = 3  # turns shown before a miss
_PARTS = 8  # of what weighed


def show(
    figures: Mapping[str, Mapping[str, Figures]], percent_auc: Mapping[str, Auc], astray: Mapping[str, int]
) -> None:
    """All figures; below each table of acts its mean kappa."""
    console = _console()
    for source, of in figures.items():
        if source == "gold_criteria":
            console.print("\n[bold]gold_criteria[/bold]", _criteria(of))
            _mean(console, of, of, "criteria")
            continue
        whole = source == "gold" or source.startswith("spoken/")
        console.print(f"\n[bold]{escape(source)}[/bold]", _acts(of, "kappa" if whole else "F1"))
        if whole:
            often = [label for label in (*AGENT, *CUSTOMER) if label in of and (of[label].positives or 0) >= FEW]
            _mean(console, of, FREQUENT, "acts that are frequent in writing")
            _mean(console, of, often, f"acts with {FEW} positives or more")
        if source in astray:
            console.print(f"acts found that overlap no turn: {astray[source]}")
    _lost(console, figures)
    for source, one in percent_auc.items():
        console.print(
            f"\n{source}: percent of high against low quality, AUC {_figure(one.auc)}"
            f" ({_figure(one.low)} to {_figure(one.high)}; {one.n_high} high, {one.n_low} low,"
            f" {one.no_percent} without a percent)"
        )


def _acts(of: Mapping[str, Figures], interval_of: str) -> Table:
    table = _table("label", "n", "positives", "precision", "recall", "F1", "kappa", f"95 % of {interval_of}")
    for label, one in of.items():
        values = (one.precision, one.recall, one.f1, one.kappa)
        table.add_row(label, str(one.n), str(one.positives), *map(_figure, values), _interval(one))
    return table


def _criteria(of: Mapping[str, Figures]) -> Table:
    table = _table("criterion", "n", "not scorable", "kappa", "95 % of kappa")
    for name, one in of.items():
        table.add_row(name, str(one.n), str(one.not_scorable), _figure(one.kappa), _interval(one))
    return table


def _mean(console: Console, of: Mapping[str, Figures], wanted: Iterable[str], what: str) -> None:
    value, count = tally.mean(of, wanted)
    console.print(f"mean kappa of {count} {what}: {_figure(value)}")


def _lost(console: Console, figures: Mapping[str, Mapping[str, Figures]]) -> None:
    """Mean kappa of each way of having the spoken conversations, over the acts that all ways have it for."""
    spoken = {source: of for source, of in figures.items() if source.startswith("spoken/")}
    if not spoken:
        return
    labels = [label for label in FREQUENT if all(label in of and of[label].kappa is not None for of in spoken.values())]
    text, _ = tally.mean(spoken["spoken/text"], labels)
    table = _table("from", "mean kappa", "lost to text")
    for source, of in spoken.items():
        value, _ = tally.mean(of, labels)
        lost = None if value is None or text is None else text - value
        table.add_row(source.removeprefix("spoken/"), _figure(value), _figure(lost))
    console.print(f"\n[bold]the same conversations, mean kappa of {len(labels)} acts[/bold]", table)


def worst(misses: Sequence[Miss], source: str) -> None:
    """The farthest misses of a source."""
    if misses:
        console = _console()
        console.print(f"\n[bold]The worst misses of {escape(source)}: sums farthest on the wrong side of zero[/bold]")
        for miss in misses:
            _miss(console, miss)


def cases(misses: Sequence[Miss], label: str) -> None:
    """False positives, then what was missed."""
    console = _console()
    for title, invented in (("found, and not by the readers", True), ("missed", False)):
        chosen = [miss for miss in misses if miss.invented == invented]
        console.print(f"\n[bold]{escape(label)} {title}: {len(chosen)}[/bold]")
        for miss in chosen:
            _miss(console, miss)


def _miss(console: Console, miss: Miss) -> None:
    _, transcript, at = miss.reading
    kind = "found" if miss.invented else "missed"
    off = "" if miss.sum is None else f" {miss.sum:+.2f}"
    console.print(f"\n{kind} {miss.label}{off}  [dim]{escape(miss.reading.told.conversation)}, turn {at}[/dim]")
    for turn in transcript.turns[max(0, at - _CONTEXT) : at + 1]:
        style = "" if turn.index == at else "dim"
        console.print(f"    {turn.speaker:<8} {turn.text}", style=style, markup=False, soft_wrap=True)
    if miss.weighed:
        parts = ", ".join(f"{name} {weight:+.2f}" for name, weight in miss.weighed[:_PARTS])
        console.print(f"    = {parts}", style="cyan", markup=False, soft_wrap=True)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for position, column in enumerate(columns):
        table.add_column(column, justify="right" if position else "left", no_wrap=True)
    return table


def _interval(one: Figures) -> str:
    return "none" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}"


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=120)
