"""Fit the weights of rubric/cues, and say how well they hold for writers that they were not fitted on.

    python -m benchmarks.weigh [DIR ...] [--label LABEL ...] [--write]

Fitted on the project's own labelled conversations and examples (tests/rubric), and on those in each DIR (`*.json`).
Each label has a logistic regression over the rules of the cues, the traits of the turn, and the stems that stand in a
row in it (rubric/grams.py), drawn by a ridge to the weights that the cue files' authors gave, and to nought where they
gave none. Conversations are read a second time without marks and case, so that the weights do not lean on them.

Printed is the kappa over each writer's turns by weights that were fitted without them: writers are left out in five
groups. weights.toml has the rules and traits, learned.toml the stems, both as numbers that can be read.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from benchmarks import conversations, gold, tally
from benchmarks.gold import Conversation
from benchmarks.sparse import Sparse, fit
from rubric import acts, cues, weighing
from transcription.types import Transcript

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int_]
CUES = Path(acts.__file__).parent / "cues"
OWN = Path("tests/rubric")
TRAITS: dict[str, str] = tomllib.loads((Path(__file__).parent / "weigh.toml").read_text())
LABELS = tuple(TRAITS)

SCALE = 3.5  # of an author's weight of 1.0 in the units of the regression
START = -3.0  # where the bias starts
RIDGE = 10.0  # how strongly rules and traits are drawn to the author's weight
GRAM_RIDGE = 40.0  # and stems in a row to nought
FOLDS = 5  # the writers are left out in so many groups
SEEN, WRITERS = 4, 3  # a column must be seen so often, in the words of so many writers
KEPT = 400  # of a label's stems in a row, those that tell most
READ = 3.0  # what a turn of the folders counts, which several read, beside one of ours, which its writer labelled
SMALL = 0.05  # weights nearer to nought than this say nothing

# Writers of talk about people's lives, where every other turn shows a feeling: it teaches what listeners do, but not
# how often customers are upset.
LISTENERS = frozenset({"s26", "s27"})
LISTENING = frozenset({"validation", "validation_weak", "paraphrase", "apology"})

# Words for its opposite, or for what is often taken for it, never speak for a label, whatever else is said beside them.
OPPOSITE = {
    "positive": ("negative_emotion", "unresolved", "let_down"),
    "negative_emotion": ("positive", "resolved", "hardship"),  # hardship told flatly is no feeling shown
    "validation": ("dismissive",),
    "dismissive": ("validation",),
    "apology": ("dismissive",),
    "follow_up": ("follow_up_vague",),
}

HEADER = """# What counts towards each label, and how much: {what}.
# A turn has the label where the bias and all weights that apply add up to zero or more. Fitted by benchmarks/weigh.py
# on conversations written for this project (by language models, and labelled by them) and the examples of tests/rubric.
# They are numbers to read: where one is wrong, change it.
"""


class Row(NamedTuple):
    """A turn: whose writing, what is labelled, what is found in it, and how much it counts.

    `judged` are the labels it says something about: an example is one label's alone.
    """

    writer: str
    marked: bool
    labels: frozenset[str]
    judged: frozenset[str]
    found: dict[str, float]
    counts: float


def written(folders: Sequence[Path]) -> Iterator[tuple[Conversation, float]]:
    """Our own conversations and those of the folders, with what each counts."""
    for path in sorted((OWN / "conversations").glob("*.txt")):
        yield from ((each, 1.0) for each in conversations.read(path))
    for folder in folders:
        yield from ((each, READ) for each in gold.read(folder).conversations)


def found_in(transcript: Transcript) -> list[dict[str, float]]:
    """All that the weights may speak of, a dict for each turn; stems in a row have a blank before them."""
    said = acts.read(transcript)
    found = []
    for index, traits in enumerate(acts.features(transcript, said)):
        mine = {name: trait.value for name, trait in traits.items()}
        mine |= {f" {' '.join(gram)}": 1.0 for gram, _, _ in weighing.found_in(said, index)}
        found.append(mine)
    return found


def rows_of(folders: Sequence[Path]) -> Iterator[Row]:
    """Every turn of the conversations, marked and bare, and the examples."""
    for each, counted in written(folders):
        for marked, counts in ((True, counted), (False, 0.5 * counted)):
            for turn, found in zip(each.turns, found_in(each.transcript(bare=not marked)), strict=True):
                judged = frozenset(gold.BY_SPEAKER[turn.speaker]) | {"validation_weak"}
                judged &= LISTENING if each.writer in LISTENERS else judged
                yield Row(each.writer, marked, frozenset(turn.labels), judged, found, counts)
    for path in sorted((OWN / "examples").glob("*.toml")):
        for example in conversations.examples(path):
            labels = frozenset([example.label] if example.holds else [])
            yield Row("examples", True, labels, frozenset([example.label]), found_in(example.transcript())[-1], 2.0)


def authored(label: str) -> dict[str, float]:
    """The weights that the cue files give to a label's rules."""
    return {
        f"rule:{rule.name}": SCALE * rule.weight
        for speaker in ("agent", "customer")
        for _, rule in cues.load(speaker).patterns
        if rule.label == label
    }


class Fitted(NamedTuple):
    """A label's weights and bias, and how they did on the writers left out: kappa by writer, and over all.

    `called` says of each row given whether weights that were fitted without its writer find the label there.
    """

    bias: float
    weights: dict[str, float]
    kappa: float
    by_writer: dict[str, float]
    called: Bools


def weigh(label: str, rows: Sequence[Row]) -> Fitted:
    """Fit one label's weights."""
    mine = [row for row in rows if label in row.judged]
    given = authored(label)
    names = _columns(label, mine, given)
    at = {name: column for column, name in enumerate(names)}
    table = Sparse.of(
        [{at[name]: value for name, value in row.found.items() if name in at} for row in mine], len(names)
    )
    labelled = np.array([label in row.labels for row in mine])
    counts = np.array([row.counts * (2.0 if label in row.labels else 1.0) for row in mine])
    writers = np.array([row.writer for row in mine])
    marked = np.array([row.marked and row.writer != "examples" for row in mine])
    start = np.array([*(given.get(name, 0.0) for name in names), START])
    ridge = np.array([*(GRAM_RIDGE if name[0] == " " else RIDGE for name in names), 0.1])
    highest = np.array([*(0.0 if _opposite(label, name) else np.inf for name in names), np.inf])
    known = sorted(set(writers[marked]))

    def fitted(used: Bools, near: Floats | None = None) -> Floats:
        free = fit(table.rows(used), labelled[used], counts[used], start, ridge, near=near)
        return free.clip(max=highest)

    weights = fitted(np.ones(len(mine), dtype=bool))
    scores = np.zeros(len(mine))
    for fold in range(FOLDS):
        out = np.isin(writers, known[fold::FOLDS])
        scores[out] = table.rows(out).times(fitted(~out, near=weights))
    called = np.zeros(len(mine), dtype=bool)
    by_writer = {}
    for writer in known:
        out = marked & (writers == writer)
        called[out] = scores[out] >= threshold(scores[marked & ~out], labelled[marked & ~out])
        by_writer[writer] = kappa(called[out], labelled[out])
    kept = _kept(names, weights, table)
    cut = threshold(scores[marked], labelled[marked])
    left_out = np.zeros(len(rows), dtype=bool)
    left_out[[label in row.judged for row in rows]] = scores >= cut
    agreed = kappa(called[marked], labelled[marked])
    return Fitted(round(float(weights[-1] - cut), 2), kept, agreed, by_writer, left_out)


def _columns(label: str, rows: Sequence[Row], given: dict[str, float]) -> list[str]:
    """What is seen often enough, by writers enough, of what the label may look at; and all rules of its own."""
    seen: Counter[str] = Counter()
    writers: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.marked:
            seen.update(row.found.keys())
            for name in row.found:
                writers[name].add(row.writer)
    often = {name for name in seen if seen[name] >= SEEN and len(writers[name]) >= WRITERS}
    if TRAITS[label] != "*":
        often = {name for name in often if name[0] == " "} | (often & set(TRAITS[label].split()))
    return sorted(often | (given.keys() & seen.keys()))


def _opposite(label: str, name: str) -> bool:
    return name.startswith(tuple(f"rule:{each}." for each in OPPOSITE.get(label, ())))


def _kept(names: Sequence[str], weights: Floats, table: Sparse) -> dict[str, float]:
    """The weights worth keeping, the greatest first: of stems in a row those that tell most."""
    tells = np.abs(weights[:-1]) * np.sqrt(table.seen())
    stems = sorted((at for at, name in enumerate(names) if name[0] == " "), key=lambda at: -tells[at])
    dropped = set(stems[KEPT:])
    order = sorted(range(len(names)), key=lambda at: -abs(weights[at]))
    return {names[at]: round(float(weights[at]), 2) for at in order if at not in dropped and abs(weights[at]) >= SMALL}


def threshold(scores: Floats, labelled: Bools) -> float:
    """Between the best kappa (smoothed) and as many called positive as there are."""
    order = np.argsort(-scores)
    hits, called = np.cumsum(labelled[order]), np.arange(1, len(scores) + 1)
    count, positives = len(scores), int(labelled.sum())
    agreed = _kappas(count - called - (positives - hits), called - hits, positives - hits, hits.astype(np.int_))
    smooth = np.convolve(np.pad(np.nan_to_num(agreed), 4, "edge"), np.ones(9) / 9, "valid")
    low, high = int(positives * 0.6), int(positives * 1.4) + 2
    best = low + int(np.argmax(smooth[low:high]))
    cut = [float(scores[order[at]] + scores[order[min(at + 1, count - 1)]]) / 2 for at in (best, max(positives - 1, 0))]
    return 0.65 * cut[0] + 0.35 * cut[1]


def kappa(called: Bools, labelled: Bools) -> float:
    """Cohen's kappa of two yes-or-no readings."""
    pairs = [(~called & ~labelled), (called & ~labelled), (~called & labelled), (called & labelled)]
    return float(_kappas(*(np.array([each.sum()]) for each in pairs))[0])


def _kappas(right: Counts, false: Counts, missed: Counts, hits: Counts) -> Floats:
    """Kappa for each of some readings, by how often each was rightly not, falsely, not and rightly called."""
    return tally.of_counts(np.stack([right, false, missed, hits], axis=1).astype(np.float64))["kappa"]


ROWS: list[Row] = []


def _weigh(label: str) -> Fitted:
    return weigh(label, ROWS)


def weigh_all(rows: Sequence[Row], labels: Sequence[str]) -> dict[str, Fitted]:
    """Fit each label, on all cores."""
    ROWS[:] = rows
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:  # which gives each the rows without a copy
        results = pool.map(_weigh, labels)
        return dict(zip(labels, track(results, "weighing", len(labels), console=Console(stderr=True)), strict=True))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="more labelled conversations")
    parser.add_argument("--label", action="append", choices=LABELS, help="fit this one alone (not written)")
    parser.add_argument("--write", action="store_true", help="write rubric/cues/weights.toml and learned.toml")
    options = parser.parse_args()
    fitted = weigh_all(list(rows_of(options.folders)), options.label or LABELS)
    for label, one in fitted.items():
        each = " ".join(f"{writer} {value:.2f}" for writer, value in one.by_writer.items())
        print(f"{label:20} kappa on writers left out {one.kappa:.2f}, {len(one.weights)} weights; {each}", flush=True)
    if options.write and not options.label:
        _write(fitted)


def _write(fitted: dict[str, Fitted]) -> None:
    weights = HEADER.format(what="rules of the cues (rule:) and traits of the turn")
    learned = HEADER.format(what="stems in a row, as rubric/grams.py makes them of a turn")
    for label, one in fitted.items():
        own = "".join(f'"{name}" = {value}\n' for name, value in one.weights.items() if name[0] != " ")
        stems = "".join(f'"{name[1:]}" = {value}\n' for name, value in one.weights.items() if name[0] == " ")
        weights += f"\n[{label}]\nbias = {one.bias}\n\n[{label}.of]\n{own}"
        learned += f"\n[{label}]\n{stems}"
    (CUES / "weights.toml").write_text(weights)
    (CUES / "learned.toml").write_text(learned)


if __name__ == "__main__":
    main()
