"""Fit the weights of rubric/cues/weights.toml, and say how well they hold for writers that they were not fitted on.

    python -m benchmarks.weigh DIR [--examples DIR] [--write]

DIR holds the labelled conversations (`*.json`); the examples of tests/rubric are learnt from too. Each label has a
logistic regression over its own rules and a few traits of the turn, drawn to the weights that the cue files' authors
gave (a ridge towards them, not towards zero). Conversations are read a second time without marks and case, so that
the weights do not lean on them. The kappa printed is of each writer by weights fitted on the others' conversations.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rubric import acts, cues
from transcription.types import Speaker, Transcript, Turn

Floats = npt.NDArray[np.float64]
WEIGHTS = Path(acts.__file__).parent / "cues" / "weights.toml"
TRAITS = Path(__file__).parent / "weigh.toml"
RIDGES = (0.002, 0.005, 0.01, 0.02)
SCALE = 3.5  # of an author's weight of 1.0 in the units of the regression
START = -3.0  # where the bias starts
HEADER = """# What counts towards each label, and how much: rules of the cues (rule:) and traits of the turn.
# A turn has the label where bias and weights add up to zero or more. Fitted by benchmarks/weigh.py on conversations
# written for this project (by language models, labelled by three readings of language models) and on the examples of
# tests/rubric. They are numbers to read: where one is wrong, change it.
"""


class Row(NamedTuple):
    """A turn: whose writing, its label or not, its traits, and how much it counts."""

    writer: str
    labelled: bool
    traits: dict[str, float]
    counts: float


def transcript_of(turns: list[dict[str, object]], *, bare: bool) -> Transcript:
    """A conversation of the labelled form; `bare` drops marks and case."""
    made = []
    for index, turn in enumerate(turns):
        text = str(turn["text"])
        if bare:
            text = re.sub(r"[^\w\s'’]", " ", text.lower())
        speaker: Speaker = "agent" if turn["speaker"] == "agent" else "customer"
        made.append(
            Turn(
                index,
                speaker,
                None,
                None,
                " ".join(text.split()) or "x",
                backchannel=turn.get("overlap") == "backchannel",
            )
        )
    return Transcript(turns=tuple(made), language="en", times_from="none")


def rows_of(folder: Path, examples: Path) -> dict[str, list[Row]]:
    """Every turn as rows of the labels of its speaker; marked conversations first, then bare ones, then examples."""
    rows: dict[str, list[Row]] = defaultdict(list)
    conversations = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    for bare, counts in ((False, 1.0), (True, 0.5)):
        for conversation in conversations:
            transcript = transcript_of(conversation["turns"], bare=bare)
            found = acts.features(transcript, acts.read(transcript))
            for turn, traits in zip(conversation["turns"], found, strict=True):
                values = {name: trait.value for name, trait in traits.items()}
                for label in acts.AGENT if turn["speaker"] == "agent" else acts.CUSTOMER:
                    writer = f"{conversation['id'].partition('-')[0]}{'-bare' if bare else ''}"
                    rows[label].append(Row(writer, label in turn["labels"], values, counts))
    for path in sorted(examples.glob("*.toml")):
        data = tomllib.loads(path.read_text())
        other = "customer" if data["speaker"] == "agent" else "agent"
        for key in ("yes", "no"):
            for each in data[key]:
                turns = [{"speaker": other, "text": each["after"]}] if "after" in each else []
                turns.append({"speaker": data["speaker"], "text": each["text"]})
                transcript = transcript_of(turns, bare=False)
                traits = acts.features(transcript, acts.read(transcript))[-1]
                values = {name: trait.value for name, trait in traits.items()}
                rows[data["label"]].append(Row("examples", key == "yes", values, 2.0))
    return rows


def names_of(label: str, rows: list[Row], traits: list[str]) -> list[str]:
    """The label's own rules, and those of its traits that more than one writer has, four times or more."""
    seen: Counter[str] = Counter()
    writers: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if not row.writer.endswith("-bare"):
            seen.update(row.traits.keys())
            for name in row.traits:
                writers[name].add(row.writer)
    traits = [each.partition("=")[0] for each in traits]
    own = {name for name in seen if name.startswith(f"rule:{label}.")}
    return sorted(own | {name for name in traits if seen[name] >= 4 and len(writers[name]) >= 2})


def authored(label: str, names: list[str], traits: list[str]) -> Floats:
    """The weights that the cue files and weigh.toml (`trait=0.7`) give, in the units of the regression."""
    given = {
        f"rule:{rule.name}": rule.weight
        for speaker in ("agent", "customer")
        for _, rule in cues.load(speaker).patterns
        if rule.label == label
    }
    given |= {name: float(weight) for name, _, weight in (each.partition("=") for each in traits) if weight}
    return np.array([SCALE * given.get(name, 0.0) for name in names])


def fit(table: Floats, labelled: Floats, counts: Floats, start: Floats, ridge: float) -> Floats:
    """Weights with the bias last: logistic regression by Newton's steps, with a ridge towards `start`."""
    table = np.hstack([table, np.ones((len(table), 1))])
    begin = np.append(start, START)
    pull = np.full(len(begin), ridge * counts.sum())
    pull[-1] = 1e-3 * counts.sum()
    weights = begin.copy()
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (counts * (chance - labelled)) + pull * (weights - begin)
        curve = (table * (counts * chance * (1 - chance))[:, None]).T @ table + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        weights = weights - np.clip(step, -1, 1)
        if float(np.abs(step).max()) < 1e-6:
            break
    return np.asarray(weights)


def threshold(scores: Floats, labelled: Floats) -> float:
    """Between the best kappa (smoothed) and as many called positive as there are."""
    order = np.argsort(-scores)
    hits, called = np.cumsum(labelled[order]), np.arange(1, len(scores) + 1)
    count, positives = len(scores), int(labelled.sum())
    agree = (hits + (count - called - (positives - hits))) / count
    chance = (called * positives + (count - called) * (count - positives)) / count**2
    smooth = np.convolve(np.pad((agree - chance) / (1 - chance + 1e-12), 4, "edge"), np.ones(9) / 9, "valid")
    low, high = int(positives * 0.75), int(positives * 1.4) + 2
    best = low + int(np.argmax(smooth[low:high]))
    cut = [float(scores[order[at]] + scores[order[min(at + 1, count - 1)]]) / 2 for at in (best, max(positives - 1, 0))]
    return 0.65 * cut[0] + 0.35 * cut[1]


def kappa(called: npt.NDArray[np.bool_], labelled: npt.NDArray[np.bool_]) -> float:
    """Cohen's kappa of two yes-or-no readings."""
    agree = float((called == labelled).mean())
    chance = float(called.mean() * labelled.mean() + (1 - called.mean()) * (1 - labelled.mean()))
    return (agree - chance) / (1 - chance) if chance < 1 else float("nan")


def weigh(label: str, rows: list[Row], traits: list[str]) -> tuple[float, float, dict[str, float]]:
    """The kappa on writers left out, the bias, and the weights."""
    names = names_of(label, rows, traits)
    table = np.array([[row.traits.get(name, 0.0) for name in names] for row in rows])
    labelled = np.array([float(row.labelled) for row in rows])
    counts = np.array([row.counts * (2.0 if row.labelled else 1.0) for row in rows])
    writers = np.array([row.writer.removesuffix("-bare") for row in rows])
    marked = np.array([not row.writer.endswith("-bare") and row.writer != "examples" for row in rows])
    begin = authored(label, names, traits)
    tried: list[tuple[float, float, float]] = []
    for ridge in RIDGES:
        scores = np.zeros(len(rows))
        for writer in sorted(set(writers[marked])):
            out = writers == writer
            weights = fit(table[~out], labelled[~out], counts[~out], begin, ridge)
            scores[out] = table[out] @ weights[:-1] + weights[-1]
        called = np.zeros(len(rows), dtype=bool)
        for writer in sorted(set(writers[marked])):
            out = marked & (writers == writer)
            called[out] = scores[out] >= threshold(scores[marked & ~out], labelled[marked & ~out])
        tried.append((kappa(called[marked], labelled[marked] == 1), ridge, threshold(scores[marked], labelled[marked])))
    best, ridge, cut = max(tried)
    weights = fit(table, labelled, counts, begin, ridge)
    order = np.argsort(-np.abs(weights[:-1]))
    kept = {names[at]: round(float(weights[at]), 2) for at in order if abs(weights[at]) >= 0.05}
    return best, round(float(weights[-1] - cut), 2), kept


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--examples", type=Path, default=Path("tests/rubric/examples"))
    parser.add_argument("--write", action="store_true", help="write rubric/cues/weights.toml")
    options = parser.parse_args()
    traits: dict[str, list[str]] = {label: each.split() for label, each in tomllib.loads(TRAITS.read_text()).items()}
    rows = rows_of(options.folder, options.examples)
    text = HEADER
    for label, wanted in traits.items():
        found, bias, weights = weigh(label, rows[label], wanted)
        print(f"{label:20} kappa on writers left out {found:.2f}, {len(weights)} weights")
        lines = "".join(f'"{name}" = {value}\n' for name, value in weights.items())
        text += f"\n[{label}]\nbias = {bias}\n\n[{label}.of]\n{lines}"
    if options.write:
        WEIGHTS.write_text(text)


if __name__ == "__main__":
    main()
