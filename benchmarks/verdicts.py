"""Fit what each act counts towards the verdicts of rubric/default.toml, and say how well that holds for other writers.

    python -m benchmarks.verdicts [DIR ...] [--write]

Fitted on the verdicts of the project's own labelled conversations and of those in each DIR, by acts as they are found
in the talk of writers that the weights of acts were not fitted on (benchmarks/weigh.py), so that the numbers reckon
with what is missed. Each criterion is an ordinal logistic regression (McCullagh 1980, proportional odds) in which the
first turn with an act, the second and the third count apart; what may count, for or against, verdicts.toml says.

Printed is the kappa of verdicts over the conversations of writers left out, and the tables; --write puts them into
rubric/default.toml, where they are numbers to read and to change.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

import rubric
from benchmarks import statistics, weigh
from benchmarks.gold import Conversation
from rubric import acts, observed, scoring
from rubric.balance import Balance
from rubric.case import Case
from rubric.file import Rubric
from rubric.types import Act, Interruptions

Floats = npt.NDArray[np.float64]
Signs = dict[str, str]
DEFAULT = Path(rubric.__file__).parent / "default.toml"
MAY: dict[str, Signs] = tomllib.loads((Path(__file__).parent / "verdicts.toml").read_text())
ORDER = ("missed", "partly", "met")
RIDGE = 3.0
FOLDS = 8


class Read(NamedTuple):
    """A conversation, what it counts, and the case of it with the acts that are found without its writer."""

    conversation: Conversation
    counts: float
    case: Case


def read(folders: Sequence[Path]) -> list[Read]:
    """Every conversation that has verdicts."""
    fitted = weigh.weigh_all(list(weigh.rows_of(folders)), weigh.LABELS)
    return list(_read(folders, {label: one.called for label, one in fitted.items()}))


def _read(folders: Sequence[Path], called: Mapping[str, npt.NDArray[np.bool_]]) -> Iterator[Read]:
    row, judge = 0, rubric.load()
    for conversation, counts in weigh.written(folders):
        first, row = row, row + 2 * len(conversation.turns)  # rows_of yields each conversation marked, then bare
        if conversation.criteria:
            found = {label: held[first : first + len(conversation.turns)] for label, held in called.items()}
            yield Read(conversation, counts, _case(conversation, found, judge))


def _case(conversation: Conversation, called: Mapping[str, npt.NDArray[np.bool_]], judge: Rubric) -> Case:
    """The conversation with the acts called, and those that rest on their rules alone."""
    transcript = conversation.transcript()
    said = acts.read(transcript)
    found = [act for act in acts.judge(transcript, said) if act.label not in called]
    for at, each in enumerate(said):
        if each.line.stems:
            whole = acts.evidence(each.turn, each.line, 0, len(each.line.stems), "whole")
            speaker = conversation.turns[at].speaker
            found += [
                Act(label, speaker, whole)
                for label in acts.labels_of(speaker)[0]
                if label in called and called[label][at]
            ]
    found.sort(key=lambda act: act.evidence.turn)
    case = scoring.case_of(transcript, said, tuple(found), judge)
    if case.interruptions.unknown:  # without times the marks of the text tell who cut in
        return case._replace(interruptions=Interruptions(found=case.interruptions.candidates))
    return case


class Fitted(NamedTuple):
    """What each step adds, by name, and the sums from which it is partly and met."""

    counts: dict[str, list[float]]
    partly: float
    met: float


def fit(table: Floats, verdicts: npt.NDArray[np.int_], counts: Floats, signs: Floats) -> Floats:
    """What each column adds, then the two thresholds: the second as the logarithm of what it is over the first."""
    size = table.shape[1]

    def cost(at: Floats) -> float:
        chances = _chances(table @ at[:size], float(at[size]), float(at[size] + np.exp(at[size + 1])))
        likely = np.log(np.clip(chances[np.arange(len(verdicts)), verdicts], 1e-9, None))
        return float(-(counts * likely).sum() + 0.5 * RIDGE * (at[:size] ** 2).sum())

    bounds = [(0.0, None) if sign > 0 else (None, 0.0) for sign in signs] + [(None, None)] * 2
    return np.asarray(minimize(cost, np.zeros(size + 2), method="L-BFGS-B", bounds=bounds).x)


def _chances(sums: Floats, partly: float, met: float) -> Floats:
    """The chance of missed, partly and met for each sum."""
    over = [1 / (1 + np.exp(-np.clip(sums - cut, -30, 30))) for cut in (partly, met)]
    return np.stack([1 - over[0], over[0] - over[1], over[1]], axis=1)


def rounded(at: Floats, columns: Sequence[tuple[str, int]]) -> Fitted:
    """In tenths; steps that add nothing at the end of a list are left out.

    A threshold is the sum at which half of such conversations have the better verdict, rounded up: what falls just
    short of it stays short.
    """
    counts: dict[str, list[float]] = {}
    for (name, step), adds in zip(columns, at, strict=False):
        steps = counts.setdefault(name, [])
        steps += [0.0] * (step - len(steps)) + [round(float(adds), 1) + 0.0]
    for name, steps in list(counts.items()):
        while steps and not steps[-1]:
            steps.pop()
        if not steps:
            del counts[name]
    partly, met = (round(float(np.ceil(10 * cut)) / 10, 1) for cut in (at[-2], at[-2] + np.exp(at[-1])))
    return Fitted(counts, partly, met)


def criterion(name: str, given: Sequence[Read]) -> tuple[Fitted, dict[str, float | None]]:
    """The table of one criterion, and its kappa on writers left out: over our conversations, over the folders'."""
    check = next(each.check for each in rubric.load().criteria if each.id == name)
    if not isinstance(check, Balance):
        raise TypeError(f"{name} is no sum")
    mine = [each for each in given if name in each.conversation.criteria]
    columns = [(what, step) for what, signs in MAY[name].items() for step, sign in enumerate(signs) if sign != "0"]
    signs = np.array([1.0 if MAY[name][what][step] == "+" else -1.0 for what, step in columns])
    often = [{what: len(observed.seen(what, each.case, check.window)) for what in MAY[name]} for each in mine]
    table = np.array([[float(seen[what] > step) for what, step in columns] for seen in often])
    truth = [each.conversation.criteria[name] for each in mine]
    verdicts = np.array([ORDER.index(verdict) if verdict in ORDER else -1 for verdict in truth])
    counts = np.array([each.counts for each in mine])
    writers = np.array([each.conversation.writer for each in mine])

    def fitted(used: npt.NDArray[np.bool_]) -> Fitted:
        used = used & (verdicts >= 0)
        return rounded(fit(table[used], verdicts[used], counts[used], signs), columns)

    pairs: dict[str, list[tuple[str, str]]] = {"ours": [], "read by several": []}
    for fold in range(FOLDS):
        out = np.isin(writers, sorted(set(writers))[fold::FOLDS])
        trial = _with(check, fitted(~out))
        for at in np.flatnonzero(out):
            source = "read by several" if counts[at] == weigh.READ else "ours"
            pairs[source].append((trial.judge(mine[at].case).verdict, truth[at]))
    agreed = {source: statistics.kappa(each).kappa for source, each in pairs.items() if each}
    return fitted(np.ones(len(mine), dtype=bool)), agreed


def _with(check: Balance, fitted: Fitted) -> Balance:
    counts = {name: tuple(steps) for name, steps in fitted.counts.items()}
    return msgspec.structs.replace(check, counts=counts, partly=fitted.partly, met=fitted.met)


def write(name: str, fitted: Fitted) -> None:
    """Put a criterion's table into the default rubric."""
    text = DEFAULT.read_text(encoding="utf-8")
    start = text.index(f'id = "{name}"')
    end = text.find("[[criteria]]", start)
    end = len(text) if end < 0 else end
    block = text[start:end]
    for key, value in (("partly", fitted.partly), ("met", fitted.met)):
        block = re.sub(rf"^{key} = [-\d.]+", f"{key} = {value}", block, flags=re.MULTILINE)
    head = block[: block.index("[criteria.check.counts]")]
    lines = "".join(f"{what} = {steps}\n" for what, steps in fitted.counts.items())
    DEFAULT.write_text(
        f"{text[:start]}{head}[criteria.check.counts]\n{lines}\n{text[end:]}".rstrip() + "\n", encoding="utf-8"
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="more labelled conversations")
    parser.add_argument("--write", action="store_true", help="write the tables into rubric/default.toml")
    options = parser.parse_args()
    given = read(options.folders)
    for name in MAY:
        fitted, agreed = criterion(name, given)
        print(f"{name}: partly {fitted.partly}, met {fitted.met}; kappa on writers left out", end=" ")
        print(", ".join(f"{source} {value or 0:.2f}" for source, value in agreed.items()), flush=True)
        for what, steps in fitted.counts.items():
            print(f"    {what} {steps}")
        if options.write:
            write(name, fitted)


if __name__ == "__main__":
    main()
