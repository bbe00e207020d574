"""What a turn is like beside its cues: what it takes up from the other, its shape, and where it stands.

Each trait has a name, a value (1.0, or a small count) and, where words show it, the range of tokens. Traits are what
the weights in weights.toml speak of, together with the rules of the cues.
"""

from __future__ import annotations

from rubric import reply, shape, together
from rubric.language import ENDS, Line, Sentence
from rubric.said import STOP, Origins, Said, Tone, Trait
from rubric.wordlists import words

# Stems of numbers, as they are read out.
NUMBERS = words("numbers")
_PLAIN = words("plain_letters")
# From so many turns on, where a turn stands in the transcript tells where it stands in the conversation.
_WHOLE = 9


def traits(  # noqa: PLR0917 - all that a turn may look back on
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
    theirs, mine = _before(said, index)
    _where(found, said, index)
    _answer(found, said, index)
    _heat(found, said, index, tone)
    _state(found, theirs, mine, states)
    near = frozenset[str]().union(*[said[i].content for i in theirs[:2]])
    _echo(found, line, near)
    for name, span in shape.shapes(line, near).items():
        found[name] = Trait(1.0, *span)
    reply.asks(
        found,
        me,
        names,
        first=len(said) >= _WHOLE and not any(len(said[i].line.words) > 4 for i in theirs),
    )
    if me.content and not me.content - near:
        found["nothing-new"] = Trait(1.0)
    reply.news(found, said, index, theirs, first)
    reply.restates(found, said, index, first)
    reply.listens_back(found, said, index, theirs, first)
    reply.recalls(found, said, index, near, first, names)
    _numbers(found, line)
    _no(found, said, line, theirs)
    _letters(found, said, index)
    reply.leaves(found, said, index, theirs, states)
    _names(found, said, index, names)
    together.traits(found, said, index, theirs, states)
    return found


def _before(said: tuple[Said, ...], index: int) -> tuple[list[int], list[int]]:
    """Of the eight turns before, the last three of the other's and the last two of the speaker's own, last first."""
    speaker = said[index].turn.speaker
    theirs: list[int] = []
    mine: list[int] = []
    for i in range(index - 1, max(-1, index - 9), -1):
        other = said[i].turn.speaker
        if other == speaker:
            mine.append(i)
        elif other != "unknown":
            theirs.append(i)
    return theirs[:3], mine[:2]


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
    for when, turns in (("just", theirs[:1]), ("lately", theirs[1:2]), ("own", mine)):
        for i in turns:
            for label, score in states[i].items():
                if score >= 1.0:
                    found[f"{when}-{label}"] = Trait(1.0)


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


def _numbers(found: dict[str, Trait], line: Line) -> None:
    run = longest = 0
    for each in line.stems:
        if each in NUMBERS or each[0].isdigit() or (len(each) == 1 and each not in {"i", "a", "."}):
            run += 1
            longest = max(longest, run)
        else:
            run = 0
    if longest >= 3:
        found["numbers"] = Trait(1.0)
    if longest >= 6:
        found["long-number"] = Trait(1.0)


def _no(found: dict[str, Trait], said: tuple[Said, ...], line: Line, theirs: list[int]) -> None:
    """A no to what the other has just asked for, or to something else."""
    if not line.forms or line.forms[0] not in {"no", "nope", "nah", "not"}:
        return
    asked = said[theirs[0]].line if theirs else None
    if asked is not None and asked.asks_agreement:
        found["agrees-by-no"] = Trait(1.0, 0, 1)
        return
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
        start = next((i for i, number in enumerate(line.word_of) if number >= new[0]), len(line.word_of) - 1)
        found["acronym"] = Trait(1.0, start, start + 1)
        if len(new) >= 2:
            found["acronym-2"] = Trait(1.0, start, start + 1)


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
