"""What a turn takes up of what the other said, what it asks for, and what it leaves lying."""

from __future__ import annotations

from rubric.cues import Hit
from rubric.said import DATA, Origins, Said, Trait

_WH = frozenset({"what", "when", "where", "which", "who", "why", "whi", "how"})
# Hits of the cues that say what a question is for, when it is not to understand.
_FOR_ELSE = frozenset(
    {"talk.data-question", "talk.offers", "talk.anything-else", "talk.company-greeting", "talk.closing", "talk.hold-on"}
)
_NOES = frozenset({"no", "nope", "nah", "not", "non", "unfortunately", "sorry", "afraid"})
_DIRECTS = frozenset({"talk.instructs", "talk.company-greeting", "talk.closing", "talk.hold-on", "talk.reports"})
_NO_LISTENING = frozenset({"refusal", "dismissive", "apology", "validation_weak", "personal"})
_YOU = frozenset({"you", "your", "yourself"})
_SUMS = frozenset({"so", "then", "okay"})
_REQUESTS = frozenset({"can", "could", "would", "will", "may", "shall", "should"})


_QUESTION = 9
_TELLS = frozenset({"ask", "tell", "say", "explain", "describ", "elabor", "clarifi", "walk", "share"})


def asks(found: dict[str, Trait], me: Said, names: frozenset[str], *, first: bool) -> None:
    """What the turn's questions are for: a datum, an offer or request, a word said again, or to understand."""
    for sentence in me.line.sentences:
        if not sentence.asks:
            continue
        # without marks a question has no end to go by
        end = min(sentence.end, sentence.start + _QUESTION) if me.line.bare else sentence.end
        stems = me.line.stems[sentence.start : end]
        span = (sentence.start, end)
        hits = [hit for hit in me.hits if hit.start < end and hit.end > sentence.start]
        kind = _kind(stems, me.line.forms[sentence.start : end], hits, names, first=first)
        found.setdefault(kind, Trait(1.0, *span))


def _kind(  # noqa: PLR0911 - a way out for each kind
    stems: tuple[str, ...], forms: tuple[str, ...], hits: list[Hit], names: frozenset[str], *, first: bool
) -> str:
    """What one question is for."""
    if "sorri" in stems[:2] or "sorry" in stems[:2]:
        return "asks-again"
    if any(each in DATA for each in stems) or any(each in names for each in forms):
        return "asks-data"
    if stems[0] in _REQUESTS and len(stems) >= 4 and stems[1] in {"you", "i", "we"} and "ask" in stems[2:4]:
        return "asks-open"
    if first or any(hit.rule.name in _FOR_ELSE and hit.rule.name != "talk.data-question" for hit in hits):
        return "asks-to-serve"
    if stems[0] in _REQUESTS and len(stems) >= 3 and stems[1] in {"you", "i", "we"}:
        return "asks-open" if any(each in _TELLS for each in stems[2:4]) else "asks-request"
    if any(hit.rule.name == "talk.data-question" for hit in hits):
        return "asks-data"
    if any(hit.rule.label in {"alternatives", "paraphrase"} for hit in hits):
        return "asks-other"
    if any(hit.rule.name == "talk.small-talk" for hit in hits):
        return "asks-small-talk"
    if len(stems) <= 2 and not any(each in _WH for each in stems):
        return "asks-tag"
    return "asks-open"


def restates(found: dict[str, Trait], said: tuple[Said, ...], index: int, first: Origins) -> None:
    """Sentences made of what the other has said, at whatever time before."""
    me = said[index]
    theirs = first.by["customer" if me.turn.speaker == "agent" else "agent"]
    known_before = {each for each in me.content if theirs.get(each, index) < index}
    if len(known_before) < 2:
        return
    total = 0
    for start, end, asks in me.line.sentences:
        stems = me.line.stems[start:end]
        mine = me.content.intersection(stems)
        known = len(known_before & mine)
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


def listens_back(
    found: dict[str, Trait], said: tuple[Said, ...], index: int, theirs: list[int], first: Origins
) -> None:
    """A statement about the other in talk that is about the person, not about business: what listeners do."""
    me = said[index]
    if first.business <= index or index < 2:
        return
    found["about-people"] = Trait(1.0)
    if not theirs or len(me.line.words) < 5:
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


def recalls(  # noqa: PLR0917 - all that a turn may look back on
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
        and stem not in DATA
    ]
    if back:
        at = min(me.line.stems.index(stem) for stem in back)
        found["recalls"] = Trait(1.0, at, at + 1)
        if len(back) >= 2:
            found["recalls-2"] = Trait(1.0, at, at + 1)
        if len(back) >= 3:
            found["recalls-3"] = Trait(1.0, at, at + 1)


def news(found: dict[str, Trait], said: tuple[Said, ...], index: int, theirs: list[int], first: Origins) -> None:
    """What the turn adds: words of content that nobody has said before, a first word, the rest of a longer story."""
    me = said[index]
    new = first.new[index]
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
            (asks or len(last.line.words) <= 6) and any(each in DATA for each in last.line.stems[start:end])
        ):
            found["gives-data"] = Trait(1.0)
        elif asks:
            found["answers"] = Trait(1.0)


def leaves(
    found: dict[str, Trait], said: tuple[Said, ...], index: int, theirs: list[int], states: list[dict[str, float]]
) -> None:
    """What the turn leaves lying: a question or an unfinished sentence passed over, a feeling met with few words."""
    if not theirs or theirs[0] != index - 1:
        return
    last, me = said[theirs[0]], said[index]
    open_end = last.turn.text.endswith(("--", "—")) or last.line.ends_asking
    ends = any(hit.rule.name in {"talk.anything-else", "talk.closing"} for hit in me.hits)
    asks = any(each.asks for each in me.line.sentences)
    if any(hit.rule.name == "talk.wishes" for hit in last.hits) and not last.line.asks_agreement:
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
