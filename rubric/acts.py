"""What each turn does: acts found by weighing the cues and the traits of a turn, with the words that show them.

Rules of the cues, traits of the turn and stems in a row are weighed (rubric/weighing.py); all of it can be read. A few
labels of the rubric's own rest on their rules alone.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from rubric import context, cues, language, names, weighing
from rubric.grams import Spans
from rubric.language import Line
from rubric.said import Said, Tone, Trait, content_of, origins
from rubric.types import Act, Evidence
from transcription.types import Transcript, Turn

AGENT = (
    "validation", "validation_weak", "apology", "paraphrase", "alternatives", "refusal", "ownership", "follow_up",
    "follow_up_vague", "extra_mile", "personal", "clarifying_question", "dismissive", "jargon", "question",
    "apology_weak", "wording_positive", "wording_negative", "next_steps",
    "asks_if_done",
)  # fmt: skip
CUSTOMER = (
    "problem", "negative_emotion", "struggle", "positive", "let_down", "repeat_contact", "resolved", "unresolved",
    "hardship",
)  # fmt: skip

BY_SPEAKER = {"agent": AGENT, "customer": CUSTOMER}

# A sentence longer than this many tokens is quoted from so many before the words that count to as many behind them.
_LONGEST_QUOTE = 30
_AROUND = 10
# A turn that is shown as a whole is quoted by so many words.
_BEGINNING = 12


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


def find(transcript: Transcript) -> tuple[Act, ...]:
    """The acts of a transcript, in order of turns; a pure function of it."""
    return judge(transcript, read(transcript))


def judge(transcript: Transcript, said: tuple[Said, ...]) -> tuple[Act, ...]:
    """The acts of turns already read."""
    acts: list[Act] = []
    for index, (each, mine) in enumerate(zip(said, features(transcript, said), strict=True)):
        if not each.line.stems or each.turn.speaker == "unknown":
            continue
        speaker: Literal["agent", "customer"] = each.turn.speaker
        weighed, plain = labels_of(speaker)
        found = weighing.known_in(said, index, weighed)
        evidence = {label: _weigh(label, each, mine, found) for label in weighing.held(weighed, mine, found)}
        for hit in each.hits:
            if hit.rule.sure and hit.rule.label in weighed:
                evidence[hit.rule.label] = shown(each, hit.start, hit.end, hit.rule.name)
        evidence |= {label: words for label in plain if (words := _plain(label, each, mine)) is not None}
        acts += [Act(label, speaker, evidence[label]) for label in BY_SPEAKER[speaker] if label in evidence]
    return tuple(acts)


@cache
def labels_of(speaker: Literal["agent", "customer"]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A speaker's labels that have weights, and those that rest on their rules alone."""
    weighed = weighing.weights()
    labels = BY_SPEAKER[speaker]
    return tuple(each for each in labels if each in weighed), tuple(each for each in labels if each not in weighed)


def _weigh(label: str, each: Said, traits: dict[str, Trait], found: Spans) -> Evidence:
    best = weighing.best(label, each, traits, found)
    if best is None:
        return evidence(each.turn, each.line, 0, len(each.line.stems), label)
    return shown(each, best.start, best.end, best.name.removeprefix("rule:"))


def _plain(label: str, each: Said, traits: dict[str, Trait]) -> Evidence | None:
    """A label without weights: its rules' own weights add up to one; what asks is a question."""
    if label == "question":
        asks = traits.get("asks")
        return shown(each, asks.start, asks.end, "asks") if asks else None
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


def beginning(turn: Turn, rule: str) -> Evidence:
    """The first words of a turn, with the times of the whole."""
    words = turn.text.split()[:_BEGINNING]
    return Evidence(turn.index, (0, len(words)), " ".join(words), rule, turn.start_s, turn.end_s)


def _share(turn: Turn, first: int, last: int, count: int) -> tuple[float | None, float | None]:
    """When words were said, by their share of the turn where they have no times of their own."""
    if turn.start_s is None or turn.end_s is None or not count:
        return None, None
    length = turn.end_s - turn.start_s
    return round(turn.start_s + length * first / count, 3), round(turn.start_s + length * last / count, 3)
