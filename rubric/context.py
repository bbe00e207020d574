"""What a turn is like beside its cues: what it takes up from the other, its shape, and where it stands.

Each trait has a name, a value (1.0, or a small count) and, where words show it, the range of tokens. Traits are what
the weights in weights.toml speak of, together with the rules of the cues.
"""

from __future__ import annotations

from typing import NamedTuple

from rubric import shape
from rubric.cues import Hit
from rubric.language import ENDS, Line, Sentence
from rubric.wordlists import words
from transcription.types import Turn


class Said(NamedTuple):
    """A turn with its line of stems, the hits of the cues in it, and the stems that carry its content."""

    turn: Turn
    line: Line
    hits: tuple[Hit, ...]
    content: frozenset[str]


class Trait(NamedTuple):
    """A value, and the half-open range of tokens that shows it (0, 0 where it is the turn as a whole)."""

    value: float
    start: int = 0
    end: int = 0


# Words that carry no content of their own: never an echo.
STOP = words("stop")
NUMBERS = words("numbers")
_PLAIN = words("plain_letters")
_WH = frozenset({"what", "when", "where", "which", "who", "why", "whi", "how"})
# From so many turns on, where a turn stands in the transcript tells where it stands in the conversation.
_WHOLE = 9


def content_of(line: Line) -> frozenset[str]:
    """The stems of a line that carry content."""
    return frozenset(each for each in line.stems if len(each) > 2 and each not in STOP and each.isalpha())


class Tone(NamedTuple):
    """The tone of the call so far: how often the customer was heated, the agent cold or warm."""

    heat: int = 0
    cold: int = 0
    warm: int = 0

    def after(self, sums: dict[str, float]) -> Tone:
        """The tone after a turn with these sums of its labels' rules."""
        return Tone(
            self.heat + (sums.get("negative_emotion", 0.0) >= 0.5),
            self.cold + (sums.get("dismissive", 0.0) >= 0.7),
            self.warm + (sums.get("validation", 0.0) >= 0.9),
        )


class Origins(NamedTuple):
    """Where each word of content is said for the first time, by anybody and by each speaker."""

    anyone: dict[str, int]
    by: dict[str, dict[str, int]]
    business: int  # the first turn that speaks of business, or as many turns as there are


def origins(said: tuple[Said, ...]) -> Origins:
    """Where the words of a transcript come from."""
    anyone: dict[str, int] = {}
    by: dict[str, dict[str, int]] = {"agent": {}, "customer": {}, "unknown": {}}
    for index, each in enumerate(said):
        mine = by[each.turn.speaker]
        for stem in each.content:
            anyone.setdefault(stem, index)
            mine.setdefault(stem, index)
    business = min((anyone[stem] for stem in _BUSINESS if stem in anyone), default=len(said))
    return Origins(anyone, by, business)


def traits(  # noqa: PLR0913, PLR0917 - all that a turn may look back on
    said: tuple[Said, ...],
    index: int,
    states: list[dict[str, float]],
    names: frozenset[str],
    first: Origins,
    tone: Tone,
) -> dict[str, Trait]:
    """The traits of one turn: `states` are the scores of the turns before, `first` says where words come from."""
    me = said[index]
    line = me.line
    found: dict[str, Trait] = {}
    before = range(index - 1, max(-1, index - 9), -1)
    theirs = [i for i in before if said[i].turn.speaker not in (me.turn.speaker, "unknown")][:3]
    mine = [i for i in before if said[i].turn.speaker == me.turn.speaker][:2]
    _where(found, said, index)
    _answer(found, said, index)
    _heat(found, said, index, tone)
    _state(found, theirs, mine, states)
    near: frozenset[str] = frozenset().union(*(said[i].content for i in theirs[:2]))
    _echo(found, line, near)
    for name, span in shape.shapes(line, near).items():
        found[name] = Trait(1.0, *span)
    _asks(
        found,
        me,
        names,
        first=len(said) >= _WHOLE and not any(len(said[i].line.words) > 4 for i in theirs),
    )
    if me.content and not me.content - near:
        found["nothing-new"] = Trait(1.0)
    _news(found, said, index, theirs, first)
    _restates(found, said, index, first)
    _listens_back(found, said, index, theirs, first)
    _recalls(found, said, index, near, first, names)
    _numbers(found, line)
    _no(found, said, line, theirs)
    _letters(found, said, index)
    _leaves(found, said, index, theirs, states)
    _names(found, said, index, names)
    return found


def _where(found: dict[str, Trait], said: tuple[Said, ...], index: int) -> None:
    count = len(said[index].line.words)
    if len(said) >= _WHOLE:
        if index < 2:
            found["opens"] = Trait(1.0)
        if index >= len(said) - 4:
            found["near-the-end"] = Trait(1.0)
        if index >= len(said) - 2:
            found["ends"] = Trait(1.0)
        if index < len(said) // 3:
            found["early"] = Trait(1.0)
    if count <= 4:
        found["short"] = Trait(1.0)
    elif count >= 25:
        found["long"] = Trait(1.0)
    if count >= 50:
        found["very-long"] = Trait(1.0)


def _state(found: dict[str, Trait], theirs: list[int], mine: list[int], states: list[dict[str, float]]) -> None:
    for i, when in zip(theirs, ("just", "lately"), strict=False):
        for label, score in states[i].items():
            if score >= 1.0:
                found[f"{when}-{label}"] = Trait(1.0)
    for i in mine:
        for label, score in states[i].items():
            if score >= 1.0:
                found[f"own-{label}"] = Trait(1.0)


def _answer(found: dict[str, Trait], said: tuple[Said, ...], index: int) -> None:
    """How the other takes it: what they say next."""
    for each in said[index + 1 : index + 3]:
        if each.turn.speaker not in (said[index].turn.speaker, "unknown") and not each.turn.backchannel:
            for hit in each.hits:
                if hit.rule.name in {"talk.confirms", "talk.denies"} or hit.rule.label in {
                    "negative_emotion",
                    "positive",
                }:
                    name = hit.rule.name if hit.rule.label == "talk" else hit.rule.label
                    found[f"next-{name.removeprefix('talk.')}"] = Trait(1.0)
            if len(each.line.words) <= 6:
                found["next-short"] = Trait(1.0)
            return


def _heat(found: dict[str, Trait], said: tuple[Said, ...], index: int, tone: Tone) -> None:
    """How heated the call has been, and whether the other was cut off."""
    for name, count in (("heat", tone.heat), ("cold", tone.cold), ("warm", tone.warm)):
        if count:
            found[name] = Trait(1.0)
        if count >= 3:
            found[f"{name}-3"] = Trait(1.0)
    if (
        index
        and said[index - 1].turn.text.endswith(("--", "—"))
        and said[index - 1].turn.speaker != said[index].turn.speaker
    ):
        found["cuts-in"] = Trait(1.0)


def _echo(found: dict[str, Trait], line: Line, near: frozenset[str]) -> None:
    """What the turn takes up of what the other has just said."""
    best: Sentence | None = None
    most = 0
    shared: set[str] = set()
    for sentence in line.sentences:
        here = {each for each in line.stems[sentence.start : sentence.end] if each in near}
        shared |= here
        if len(here) > most:
            best, most = sentence, len(here)
    if best is None:
        return
    span = (best.start, best.end)
    found["echo"] = Trait(1.0, *span)
    if len(shared) >= 2:
        found["echo-2"] = Trait(1.0, *span)
    if len(shared) >= 4:
        found["echo-4"] = Trait(1.0, *span)
    content = sum(1 for each in line.stems if len(each) > 2 and each not in STOP and each not in ENDS)
    if content and len(shared) / content >= 0.34:
        found["mostly-echo"] = Trait(1.0, *span)
    if most >= 2:
        found["sentence-echo-2"] = Trait(1.0, *span)
    if most >= 3:
        found["sentence-echo-3"] = Trait(1.0, *span)


# Hits of the cues that say what a question is for, when it is not to understand.
_FOR_ELSE = frozenset(
    {"talk.data-question", "talk.offers", "talk.anything-else", "talk.company-greeting", "talk.closing", "talk.hold-on"}
)
_BUSINESS = words("business")
_DATA = words("data")
_NOES = frozenset({"no", "nope", "nah", "not", "non", "unfortunately", "sorry", "afraid"})
_DIRECTS = frozenset({"talk.instructs", "talk.company-greeting", "talk.closing", "talk.hold-on", "talk.reports"})
_NO_LISTENING = frozenset({"refusal", "dismissive", "apology", "validation_weak", "personal"})
_YOU = frozenset({"you", "your", "yourself"})
_SUMS = frozenset({"so", "then", "okay"})
_REQUESTS = frozenset({"can", "could", "would", "will", "may", "shall", "should"})


_QUESTION = 9
_TELLS = frozenset({"ask", "tell", "say", "explain", "describ", "elabor", "clarifi", "walk", "share"})


def _asks(found: dict[str, Trait], me: Said, names: frozenset[str], *, first: bool) -> None:
    """What the turn's questions are for: a datum, an offer or request, a word said again, or to understand."""
    for sentence in me.line.sentences:
        if not sentence.asks:
            continue
        # without marks a question has no end to go by
        end = min(sentence.end, sentence.start + _QUESTION) if me.line.bare else sentence.end
        stems = me.line.stems[sentence.start : end]
        span = (sentence.start, end)
        hits = [hit for hit in me.hits if hit.start < end and hit.end > sentence.start]
        if "sorri" in stems[:2] or "sorry" in stems[:2]:
            kind = "asks-again"
        elif any(each in _DATA for each in stems) or any(each in names for each in me.line.forms[sentence.start : end]):
            kind = "asks-data"
        elif stems[0] in _REQUESTS and len(stems) >= 4 and stems[1] in {"you", "i", "we"} and "ask" in stems[2:4]:
            kind = "asks-open"
        elif first or any(hit.rule.name in _FOR_ELSE and hit.rule.name != "talk.data-question" for hit in hits):
            kind = "asks-to-serve"
        elif stems[0] in _REQUESTS and len(stems) >= 3 and stems[1] in {"you", "i", "we"}:
            kind = "asks-open" if any(each in _TELLS for each in stems[2:4]) else "asks-request"
        elif any(hit.rule.name in {"talk.data-question"} for hit in hits):
            kind = "asks-data"
        elif any(hit.rule.label in {"alternatives", "paraphrase"} for hit in hits):
            kind = "asks-other"
        elif any(hit.rule.name == "talk.small-talk" for hit in hits):
            kind = "asks-small-talk"
        elif len(stems) <= 2 and not any(each in _WH for each in stems):
            kind = "asks-tag"
        else:
            kind = "asks-open"
        found.setdefault(kind, Trait(1.0, *span))


def _restates(found: dict[str, Trait], said: tuple[Said, ...], index: int, first: Origins) -> None:
    """Sentences made of what the other has said, at whatever time before."""
    me = said[index]
    theirs = first.by["customer" if me.turn.speaker == "agent" else "agent"]
    total = 0
    for start, end, asks in me.line.sentences:
        stems = me.line.stems[start:end]
        mine = {each for each in stems if each in me.content}
        known = sum(theirs.get(each, index) < index for each in mine)
        if stems[0] in {"i", "we"} or known < 2 or 2 * known < len(mine):
            continue
        total += known
        starts = any(each in _SUMS for each in stems[:3])
        for name in (
            "restates", "restates-3" * (known >= 3), "restates-4" * (known >= 4), "restates-so" * starts,
            "restates-asking" * asks, "restates-you" * ("you" in stems or "your" in stems),
        ):  # fmt: skip
            if name:
                found.setdefault(name, Trait(1.0, start, end))
    if total >= 6:
        found["restates-much"] = Trait(1.0)


def _listens_back(
    found: dict[str, Trait], said: tuple[Said, ...], index: int, theirs: list[int], first: Origins
) -> None:
    """A statement about the other in talk that is about the person, not about business: what listeners do."""
    me = said[index]
    if not theirs or len(me.line.words) < 5 or first.business <= index or index < 2:
        return
    cue = next((hit for hit in me.hits if hit.rule.label == "paraphrase"), None)
    if cue is not None:
        found["listens-cue"] = Trait(1.0, cue.start, cue.end)
    if any(each.asks for each in me.line.sentences) or any(
        hit.rule.name in _DIRECTS or hit.rule.label in _NO_LISTENING for hit in me.hits
    ):
        return
    states = [each for each in me.line.sentences if me.line.stems[each.start] not in {"i", "we", "let"}]
    if len(states) < len(me.line.sentences):
        return
    about = next((each for each in states if not _YOU.isdisjoint(me.line.stems[each.start : each.end])), None)
    if about is not None:
        found["listens-back"] = Trait(1.0, about.start, about.end)


def _recalls(  # noqa: PLR0913, PLR0917 - all that a turn may look back on
    found: dict[str, Trait],
    said: tuple[Said, ...],
    index: int,
    near: frozenset[str],
    first: Origins,
    names: frozenset[str],
) -> None:
    """What the other brought up a while ago, taken up again."""
    me = said[index]
    back = [
        stem
        for stem in me.content
        if (at := first.anyone[stem]) < index - 2
        and said[at].turn.speaker != me.turn.speaker
        and stem not in near
        and stem not in names
        and stem not in _DATA
    ]
    if back:
        at = min(me.line.stems.index(stem) for stem in back)
        found["recalls"] = Trait(1.0, at, at + 1)
        if len(back) >= 2:
            found["recalls-2"] = Trait(1.0, at, at + 1)
        if len(back) >= 3:
            found["recalls-3"] = Trait(1.0, at, at + 1)


def _news(found: dict[str, Trait], said: tuple[Said, ...], index: int, theirs: list[int], first: Origins) -> None:
    """What the turn adds: words of content that nobody has said before, a first word, the rest of a longer story."""
    me = said[index]
    new = sum(first.anyone[stem] == index for stem in me.content)
    for least in (3, 6, 10):
        if new >= least:
            found[f"new-{least}"] = Trait(1.0)
    before = [each for each in said[max(0, index - 6) : index] if each.turn.speaker == me.turn.speaker]
    if index < 6 and len(me.line.words) > 4 and not any(len(each.line.words) > 4 for each in before):
        found["first-says"] = Trait(1.0)
    if not theirs or theirs[0] != index - 1:
        return
    last = said[theirs[0]]
    if before and len(last.line.words) <= 2 and not any(each.asks for each in last.line.sentences):
        found["goes-on"] = Trait(1.0)
    if last.line.sentences:
        start, end, asks = last.line.sentences[-1]
        if any(hit.rule.name == "talk.data-question" and hit.end > start for hit in last.hits) or (
            (asks or len(last.line.words) <= 6) and any(each in _DATA for each in last.line.stems[start:end])
        ):
            found["gives-data"] = Trait(1.0)
        elif asks:
            found["answers"] = Trait(1.0)


def _numbers(found: dict[str, Trait], line: Line) -> None:
    run = longest = 0
    for each in line.stems:
        run = run + 1 if each in NUMBERS or each[0].isdigit() or (len(each) == 1 and each not in {"i", "a", "."}) else 0
        longest = max(longest, run)
    if longest >= 3:
        found["numbers"] = Trait(1.0)
    if longest >= 6:
        found["long-number"] = Trait(1.0)


def _no(found: dict[str, Trait], said: tuple[Said, ...], line: Line, theirs: list[int]) -> None:
    """A no to what the other has just asked for, or to something else."""
    if not line.forms or line.forms[0] not in {"no", "nope", "nah", "not"}:
        return
    asked = said[theirs[0]].line if theirs else None
    wish = asked is not None and any(
        f" {word} " in asked.text for word in ("can", "could", "would", "will", "want", "need")
    )
    found["no-to-a-wish" if wish else "no-to-else"] = Trait(1.0, 0, 1)


def _letters(found: dict[str, Trait], said: tuple[Said, ...], index: int) -> None:
    """Abbreviations in capitals that nobody has used before."""
    line = said[index].line
    new = [
        number
        for number, word in enumerate(line.words)
        if word.isupper()
        and 2 <= len(bare := word.strip(".,;:!?()'\"")) <= 5
        and bare.isalpha()
        and bare not in _PLAIN
        and not any(
            bare.lower() in each.line.forms
            for each in said[max(0, index - 40) : index]
            if each.turn.speaker != said[index].turn.speaker
        )
    ]
    if new and not all(word.isupper() for word in line.words):
        start = next(i for i, number in enumerate(line.word_of) if number >= new[0])
        found["acronym"] = Trait(1.0, start, start + 1)
        if len(new) >= 2:
            found["acronym-2"] = Trait(1.0, start, start + 1)


def _leaves(
    found: dict[str, Trait], said: tuple[Said, ...], index: int, theirs: list[int], states: list[dict[str, float]]
) -> None:
    """What the turn leaves lying: a question or an unfinished sentence passed over, a feeling met with few words."""
    if not theirs or theirs[0] != index - 1:
        return
    last, me = said[theirs[0]], said[index]
    open_end = last.turn.text.endswith(("--", "—")) or bool(last.line.sentences and last.line.sentences[-1].asks)
    ends = any(hit.rule.name in {"talk.anything-else", "talk.closing"} for hit in me.hits)
    asks = any(each.asks for each in me.line.sentences)
    if any(hit.rule.name == "talk.wishes" for hit in last.hits):
        found["after-a-wish"] = Trait(1.0)
        if me.line.forms and me.line.forms[0] in _NOES:
            found["no-to-what-is-asked"] = Trait(1.0, 0, 1)
    if open_end and ends:
        found["closes-on-a-question"] = Trait(1.0)
    if not asks and 2 <= len(me.line.words) <= 12 and not me.turn.backchannel:
        found["brief"] = Trait(1.0)
        if states[theirs[0]].get("negative_emotion", 0.0) >= 0.5:
            found["brief-to-feeling"] = Trait(1.0)
        if len(last.line.words) >= 15 and me.turn.speaker == "agent" and not me.content & last.content:
            found["brief-to-much"] = Trait(1.0)
        if open_end:
            found["brief-to-question"] = Trait(1.0)
    if asks and states[theirs[0]].get("negative_emotion", 0.0) >= 0.5 and "asks-data" in found:
        found["data-to-feeling"] = Trait(1.0)


def _names(found: dict[str, Trait], said: tuple[Said, ...], index: int, names: frozenset[str]) -> None:
    line = said[index].line
    for i, form in enumerate(line.forms):
        if form in names:
            found["name"] = Trait(1.0, i, i + 1)
            just = index > 0 and form in said[index - 1].line.forms
            if just:
                found["name-read-back"] = Trait(1.0, i, i + 1)
            if any(each.asks and each.start <= i < each.end and each.end - each.start <= 9 for each in line.sentences):
                found["name-asked"] = Trait(1.0, i, i + 1)
            ends = i + 1 >= len(line.forms) or line.forms[i + 1] in ENDS
            if (ends or i == 0 or line.forms[i - 1] in {"hi", "hello", "dear", "hey", "oh"}) and not just:
                found["name-called"] = Trait(1.0, i, i + 1)
            if len(line.words) <= 4:
                found["name-alone"] = Trait(1.0, i, i + 1)
            return
