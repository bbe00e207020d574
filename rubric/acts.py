"""What each turn does: acts found by weighing the cues and the traits of a turn, with the words that show them.

Each label has a bias and weights for rules of the cues and traits of the turn (cues/weights.toml). A turn has the
label where the weights of what is found in it, and the bias, add up to zero or more. All of it can be read: the
evidence is the words of the rule or trait that weighs most.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from rubric import context, cues, language, names
from rubric.language import Line
from rubric.said import Said, Tone, Trait, content_of, origins
from rubric.types import Act, Evidence
from transcription.types import Transcript, Turn

AGENT = (
    "validation", "validation_weak", "apology", "paraphrase", "alternatives", "refusal", "ownership", "follow_up",
    "follow_up_vague", "extra_mile", "personal", "clarifying_question", "dismissive", "jargon", "question",
    "apology_weak", "wording_positive", "wording_negative",
)  # fmt: skip
CUSTOMER = (
    "problem", "negative_emotion", "struggle", "positive", "let_down", "repeat_contact", "resolved", "unresolved",
)  # fmt: skip

# A sentence longer than this many tokens is quoted from so many before the words that count to as many behind them.
_LONGEST_QUOTE = 30
_AROUND = 10


def read(transcript: Transcript) -> tuple[Said, ...]:
    """Every turn read and its cues found."""
    said: list[Said] = []
    for turn in transcript.turns:
        line = language.read(turn.text)
        hits = tuple(cues.find(line, turn.speaker)) if turn.speaker != "unknown" else ()
        said.append(Said(turn, line, hits, content_of(line)))
    return tuple(said)


def features(transcript: Transcript, said: tuple[Said, ...]) -> list[dict[str, Trait]]:
    """For each turn all that the weights speak of: `rule:<label.name>` and traits by name."""
    called = names.customers(transcript)
    first = origins(said)
    tones = [Tone()]
    states: list[dict[str, float]] = []
    found: list[dict[str, Trait]] = []
    for index, each in enumerate(said):
        mine: dict[str, Trait] = {}
        sums: dict[str, float] = {}
        for hit in each.hits:
            key = f"rule:{hit.rule.name}"
            if key not in mine:
                mine[key] = Trait(1.0, hit.start, hit.end)
                sums[hit.rule.label] = sums.get(hit.rule.label, 0.0) + hit.rule.weight
        mine.update(context.traits(said, index, states, called, first, tones[-1]))
        tones.append(tones[-1].after(sums))
        states.append(sums)
        found.append(mine)
    return found


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts towards a label: a bias, and a number for each rule or trait."""

    bias: float
    of: dict[str, float]


@cache
def weights() -> dict[str, Weights]:
    """The weights of each label."""
    raw = files("rubric").joinpath("cues").joinpath("weights.toml").read_bytes()
    return msgspec.toml.decode(raw, type=dict[str, Weights])


def find(transcript: Transcript) -> tuple[Act, ...]:
    """The acts of a transcript, in order of turns; a pure function of it."""
    return judge(transcript, read(transcript))


def judge(transcript: Transcript, said: tuple[Said, ...]) -> tuple[Act, ...]:
    """The acts of turns already read."""
    acts: list[Act] = []
    for each, mine in zip(said, features(transcript, said), strict=True):
        if not each.line.stems or each.turn.speaker == "unknown":
            continue
        speaker: Literal["agent", "customer"] = each.turn.speaker
        for label in AGENT if speaker == "agent" else CUSTOMER:
            evidence = _weigh(label, each, mine)
            if evidence is not None:
                acts.append(Act(label, speaker, evidence))
    return tuple(acts)


def _weigh(label: str, each: Said, mine: dict[str, Trait]) -> Evidence | None:
    if label == "question":
        asks = mine.get("asks")
        return shown(each, asks.start, asks.end, "asks") if asks else None
    rule = weights().get(label)
    if rule is None:
        return _plain(label, each)
    held = mine.keys() & rule.of.keys()
    total = rule.bias + sum(rule.of[name] * mine[name].value for name in held)
    if total < 0:
        return None
    best, most = "", -math.inf
    for name in sorted(held):
        trait = mine[name]
        # what shows it best has words of its own; rules before traits where they weigh the same
        rank = rule.of[name] * trait.value + (0.01 if name.startswith("rule:") else 0.0)
        if trait.end > trait.start and rank > most:
            best, most = name, rank
    if not best:
        return evidence(each.turn, each.line, 0, len(each.line.stems), label)
    trait = mine[best]
    return shown(each, trait.start, trait.end, best.removeprefix("rule:"))


def _plain(label: str, each: Said) -> Evidence | None:
    """A label without weights: its rules' own weights add up to one."""
    mine = {hit.rule.name: hit for hit in reversed(each.hits) if hit.rule.label == label}
    if not mine or sum(hit.rule.weight for hit in mine.values()) < 1.0:
        return None
    best = max(mine.values(), key=lambda hit: (hit.rule.weight, -hit.start))
    return shown(each, best.start, best.end, best.rule.name)


def shown(each: Said, start: int, end: int, rule: str) -> Evidence:
    """The sentence around the words that a rule found, so that it can be read as it was meant; of a long one a part."""
    line = each.line
    for sentence in line.sentences:
        if sentence.start <= start < sentence.end:
            low, high = sentence.start, max(end, sentence.end)
            if high - low > _LONGEST_QUOTE:
                low, high = max(low, start - _AROUND), min(high, end + _AROUND)
            return evidence(each.turn, line, low, high, rule)
    return evidence(each.turn, line, start, end, rule)


def evidence(turn: Turn, line: Line, start: int, end: int, rule: str) -> Evidence:
    """The words that tokens `start` to `end` of a line came from, with their times where words have them."""
    first = line.word_of[start]
    last = line.word_of[end - 1] + 1
    quote = " ".join(line.words[first:last])
    if turn.words and len(turn.words) == len(line.words):
        return Evidence(turn.index, (first, last), quote, rule, turn.words[first].start_s, turn.words[last - 1].end_s)
    return Evidence(turn.index, (first, last), quote, rule, *_share(turn, first, last, len(line.words)))


def _share(turn: Turn, first: int, last: int, count: int) -> tuple[float | None, float | None]:
    """When words were said, by their share of the turn where they have no times of their own."""
    if turn.start_s is None or turn.end_s is None or not count:
        return None, None
    length = turn.end_s - turn.start_s
    return round(turn.start_s + length * first / count, 3), round(turn.start_s + length * last / count, 3)
