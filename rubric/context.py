"""What a turn is like beside its cues: what it takes up from the other, its shape, and where it stands.

Each trait has a name, a value (1.0, or a small count) and, where words show it, the range of tokens. Traits are what
the weights in weights.toml speak of, together with the rules of the cues.
"""

from __future__ import annotations

from typing import NamedTuple

from rubric.cues import ASKING, Hit
from rubric.language import ENDS, Line, Sentence
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
STOP = frozenset(
    """a an the and or but so if then than as at by for from in into of off on onto out over to up with without about
    after again all also am any are be because been before being between both can could did do does doing done down
    during each even every few get go going got had has have having he her here hers him his how i is it its just know
    let like me mine more most much my no nor not now oh okay only other our ours own please really right said same say
    see she should some still such sure take tell thank thanks that their them there these they thing this those time
    too under until us very want was we well went were what when where which while who why will would yes yet you your
    yours one two three four five six seven eight nine ten come came make made look need back way good think mean way
    could might may must shall hello hi hey bye sorry name call number help day bit lot actually maybe something anything
    nothing everything someone anyone""".split()
) | {"thing", "realli", "pleas", "mani", "someth", "anyth", "noth", "everyth", "someon", "anyon", "becaus", "befor", "everi"}  # fmt: skip

NUMBERS = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelv thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenti thirti forti fifti sixti seventi eighti nineti hundr thousand half oh doubl tripl".split()
)
_FINITE = frozenset(
    """is are was were am be been has have had do does did can could will would shall should may might must i we you he
    she they it that this there who what how why when where let please get go try take give hold stay call send look
    check click press want need know think see said got went came made told put make say says come tell""".split()
)
_MEASURES = frozenset("hour day week month year minut time mile night morn".split())
_INTENSE = frozenset(
    """whole even all only never everi alon just no such so still half straight entir just twice again already bare
    middl onc onli alreadi ever end""".split()
)
_INSTRUCT = frozenset("need can could should will have might want must may".split())
_ASKS_BACK = (
    " is that right ", " is that it ", " is that correct ", " is that about it ", " that about it ", " did i get ",
    " have i got ", " am i right ", " i got that right ", " is that the whole ", " is that what ", " have i understood ",
    " do i have that right ", " does that sound right ", " is that the size of it ", " that sum ", " right ? ",
    " correct ? ", " yes ? ", " is that how ", " have i missed ", " did i miss ", " is it ? ", " are you ? ", " is that fair ",
    " would that be right ", " got it right ", " got that right ", " you said ? ", " you mean ", " you are say ",
)  # fmt: skip


def content_of(line: Line) -> frozenset[str]:
    """The stems of a line that carry content."""
    return frozenset(each for each in line.stems if len(each) > 2 and each not in STOP and each.isalpha())


def traits(said: tuple[Said, ...], index: int, states: list[dict[str, float]], names: frozenset[str]) -> dict[str, Trait]:
    """The traits of one turn. `states` are the scores of the labels of the turns before, by index."""
    me = said[index]
    line = me.line
    found: dict[str, Trait] = {}
    before = [each for each in range(index - 1, max(-1, index - 9), -1)]
    theirs = [i for i in before if said[i].turn.speaker not in (me.turn.speaker, "unknown")][:3]
    mine = [i for i in before if said[i].turn.speaker == me.turn.speaker][:2]
    _where(found, said, index)
    _answer(found, said, index)
    _heat(found, said, index, states)
    _state(found, theirs, mine, states)
    near: frozenset[str] = frozenset().union(*(said[i].content for i in theirs[:2]))
    _echo(found, line, near)
    _shape(found, line, near, me.content)
    _numbers(found, line)
    _letters(found, said, index)
    _names(found, line, names)
    return found


def _where(found: dict[str, Trait], said: tuple[Said, ...], index: int) -> None:
    count = len(said[index].line.words)
    if index < 2:
        found["opens"] = Trait(1.0)
    if index >= len(said) - 4:
        found["near-the-end"] = Trait(1.0)
    if index >= len(said) - 2:
        found["ends"] = Trait(1.0)
    if count <= 4:
        found["short"] = Trait(1.0)
    elif count >= 25:
        found["long"] = Trait(1.0)
    if count >= 50:
        found["very-long"] = Trait(1.0)
    if index < len(said) // 3:
        found["early"] = Trait(1.0)


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
                if hit.rule.name in {"talk.confirms", "talk.denies"} or hit.rule.label in {"negative_emotion", "positive"}:
                    name = hit.rule.name if hit.rule.label == "talk" else hit.rule.label
                    found[f"next-{name.removeprefix('talk.')}"] = Trait(1.0)
            if len(each.line.words) <= 6:
                found["next-short"] = Trait(1.0)
            return


def _heat(found: dict[str, Trait], said: tuple[Said, ...], index: int, states: list[dict[str, float]]) -> None:
    """The tone of the call so far: how heated the customer has been, how cold the agent."""
    heat = cold = warm = 0
    for i in range(index):
        heat += states[i].get("negative_emotion", 0.0) >= 0.5
        cold += states[i].get("dismissive", 0.0) >= 0.7
        warm += states[i].get("validation", 0.0) >= 0.9
    for name, count in (("heat", heat), ("cold", cold), ("warm", warm)):
        if count:
            found[name] = Trait(1.0)
        if count >= 3:
            found[f"{name}-3"] = Trait(1.0)
    if index and said[index - 1].turn.text.endswith(("--", "—")) and said[index - 1].turn.speaker != said[index].turn.speaker:
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


def _shape(found: dict[str, Trait], line: Line, near: frozenset[str], content: frozenset[str]) -> None:
    """Questions, exclamations, fragments, and sentences that begin as a summary or about "you"."""
    stems = line.stems
    for number, sentence in enumerate(line.sentences):
        start, end = sentence.start, sentence.end
        while start < end - 1 and stems[start] in {"okay", "right", "well", "and", "but", "oh", "yes", "no", "all", "got", "it", "i", "see", "now", "look", "then"} and stems[start] not in near and stems[start + 1] in {"so", "you", "then", "it", "that", "okay", "right", "all", "see", "is", "are", "do", "did", "what", "how", "have"}:  # fmt: skip
            start += 1
        size = end - start
        body = stems[start:end]
        span = (sentence.start, sentence.end)
        echoes = sum(1 for each in body if each in near)
        first = body[0]
        bang = end < len(stems) and stems[end] == "!"
        intense = any(each in _INTENSE for each in body) or any(each in NUMBERS for each in body) and any(each in _MEASURES for each in body)
        verbless = not any(each in _FINITE for each in line.forms[start:end])
        asks = sentence.asks
        if bang:
            _put(found, "exclaims", span)
        if asks:
            _put(found, "asks", span)
            _put(found, "asks-wh" if first in {"what", "when", "where", "which", "who", "why", "how"} else "asks-yes-no" if first in ASKING else "asks-statement", span)
            if "you" in body or "your" in body:
                _put(found, "asks-you", span)
            if echoes:
                _put(found, "asks-echo", span)
        if verbless and size >= 2:
            _put(found, "fragment", span)
            if echoes:
                _put(found, "fragment-echo", span)
                if asks or bang:
                    _put(found, "fragment-echo-marked", span)
            if intense and size >= 3:
                _put(found, "fragment-intense", span)
                if asks or bang:
                    _put(found, "fragment-intense-marked", span)
        if first == "so" and size >= 4:
            _put(found, "so", span)
            if echoes:
                _put(found, "so-echo", span)
            if echoes >= 2:
                _put(found, "so-echo-2", span)
            if len(body) > 1 and body[1] in {"you", "your", "it", "that", "he", "she", "they", "the", "this"}:
                _put(found, "so-you", span)
        if first in {"you", "your"} and size >= 3 and not asks:
            plain = not (first == "you" and body[1] in _INSTRUCT and not (size > 2 and body[2] in {"not", "been", "had"}))
            if plain:
                _put(found, "you-state", span)
                if echoes:
                    _put(found, "you-state-echo", span)
                if intense:
                    _put(found, "you-state-intense", span)
            else:
                _put(found, "you-instruct", span)
        if echoes and intense:
            _put(found, "echo-intense", span)
        if echoes and bang:
            _put(found, "echo-exclaims", span)
        if first in {"i", "we"} and size > 2:
            _put(found, "i-state", span)
            if "will" in body[1:4] or body[1:3] == ("am", "go"):
                _put(found, "i-will", span)
            if "would" in body[1:3]:
                _put(found, "i-would", span)
        if number == 0 and echoes:
            _put(found, "first-sentence-echo", span)
            if not asks and first not in {"i", "we"}:
                _put(found, "first-states-echo", span)
    if any(tag in line.text for tag in _ASKS_BACK):
        found["asks-back"] = Trait(1.0)
    if sum(1 for each in stems if each in {"you", "your"}) >= 3:
        found["much-you"] = Trait(1.0)
    if not (content - near) and content:
        found["nothing-new"] = Trait(1.0)


def _put(found: dict[str, Trait], name: str, span: tuple[int, int]) -> None:
    if name not in found:
        found[name] = Trait(1.0, *span)


def _numbers(found: dict[str, Trait], line: Line) -> None:
    run = longest = 0
    for each in line.stems:
        run = run + 1 if each in NUMBERS or each[0].isdigit() or (len(each) == 1 and each not in {"i", "a", "."}) else 0
        longest = max(longest, run)
    if longest >= 3:
        found["numbers"] = Trait(1.0)
    if longest >= 6:
        found["long-number"] = Trait(1.0)


def _letters(found: dict[str, Trait], said: tuple[Said, ...], index: int) -> None:
    """Abbreviations in capitals that nobody has used before."""
    line = said[index].line
    new = [
        number
        for number, word in enumerate(line.words)
        if 2 <= len(bare := word.strip(".,;:!?()'\"")) <= 5 and bare.isupper() and bare.isalpha() and bare not in _PLAIN
        and not any(bare.lower() in each.line.forms for each in said[:index] if each.turn.speaker != said[index].turn.speaker)
    ]
    if new and not all(word.isupper() for word in line.words):
        start = next(i for i, number in enumerate(line.word_of) if number >= new[0])
        found["acronym"] = Trait(1.0, start, start + 1)
        if len(new) >= 2:
            found["acronym-2"] = Trait(1.0, start, start + 1)


_PLAIN = frozenset("I OK TV USA UK US PM AM ID PIN ATM DM GPS PC CEO MRI FAQ PDF SMS URL VIP ASAP DIY NHS".split())


def _names(found: dict[str, Trait], line: Line, names: frozenset[str]) -> None:
    for i, form in enumerate(line.forms):
        if form in names:
            found["name"] = Trait(1.0, i, i + 1)
            if len(line.words) <= 4:
                found["name-alone"] = Trait(1.0, i, i + 1)
            return
