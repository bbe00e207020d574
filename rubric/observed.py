"""What a verdict may count: the turns that do something, and what else shows in a conversation, each with its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rubric import acts
from rubric.acts import AGENT, CUSTOMER
from rubric.case import Case, moments, once, one_a_turn
from rubric.said import DATA
from rubric.tables import counted, times
from rubric.types import Evidence

# The same sentence of these earns once in a conversation.
_ONCE = frozenset({"validation", "validation_weak", "apology"})
# What answers to feeling or trouble, beside naming it.
_ANSWERS = ("validation", "apology", "ownership", "paraphrase")
# One interruption in so many turns of the customer's is let pass.
PASSED = 20
_END_AGENT_TURNS = 4
_TENTHS_A_TURN = 2


class Window(NamedTuple):
    """`within_turns` agent turns after a moment are soon; the customer's last `end_turns` turns tell how it ended."""

    within_turns: int
    end_turns: int


def seen(name: str, case: Case, window: Window) -> list[Evidence]:
    """The words of each turn that counts by this name, in order."""
    if name in _ELSE:
        return _ELSE[name](case, window)
    found = one_a_turn(case.of(name))
    return [act.evidence for act in (once(found) if name in _ONCE else found)]


def _cut_in(case: Case, _: Window) -> list[Evidence]:
    """The agent's interruptions but for one in so many turns; one while the customer vents stands there twice."""
    mine = [each for each in case.interruptions.found if each.by == "agent"]
    words = [_begins(case, each.turn, each.rule) for each in mine for _ in range(2 if each.venting else 1)]
    return words[len(case.turns_of("customer")) // PASSED :]


def _begins(case: Case, index: int, rule: str) -> Evidence:
    """How a turn begins that cuts in."""
    turn = next(each.turn for each in case.said if each.turn.index == index)
    return acts.beginning(turn, f"interruption.{rule}")


def _dismissive_tenth(case: Case, _: Window) -> list[Evidence]:
    """The dismissive turns, as often as they make a tenth of the agent's turns: in a short talk each weighs more.

    But no more than so many for each: one remark in a talk of two turns is not half of a person.
    """
    found = [act.evidence for act in one_a_turn(case.of("dismissive"))]
    tenths = min(10 * len(found) // max(len(case.turns_of("agent")), 1), _TENTHS_A_TURN * len(found))
    return [found[at % len(found)] for at in range(tenths)]


# What a question is for when it is not to hear more: a datum, service, another matter, the close.
_FOR_ELSE = frozenset({
    "clarifying_question.takes-data", "clarifying_question.what-is-it-about", "asks_if_done.anything-else",
    "talk.anything-else", "talk.closing", "talk.company-greeting", "talk.data-question", "talk.hold-on",
})  # fmt: skip


def _asked_on(case: Case, _: Window) -> list[Evidence]:
    """The agent's questions that are neither for a datum nor a formula."""
    found = []
    for each in case.said:
        if each.turn.speaker != "agent" or each.turn.backchannel:
            continue
        for start, end, asks in each.line.sentences:
            for_else = any(hit.rule.name in _FOR_ELSE and hit.start < end and hit.end > start for hit in each.hits)
            if asks and not for_else and DATA.isdisjoint(each.line.stems[start:end]):
                found.append(acts.shown(each, start, end, "asks"))
                break
    return found


def _left(*labels: str) -> Callable[[Case, Window], list[Evidence]]:
    """What the customer says in their last turns."""

    def at_the_end(case: Case, window: Window) -> list[Evidence]:
        end = case.last_turns(window.end_turns)
        return [act.evidence for act in one_a_turn(case.of(*labels)) if act.evidence.turn in end]

    return at_the_end


def _unanswered(case: Case, window: Window) -> list[Evidence]:
    """Feeling or trouble that nothing answers soon."""
    called = moments(case, case.of("negative_emotion", "struggle"), case.of(*_ANSWERS), window.within_turns)
    return [each.evidence for each in called if each.answered_by is None]


def _promised_last(case: Case, _: Window) -> list[Evidence]:
    """A promise to come back, or a check, in the agent's last turns."""
    end = case.turns_of("agent")[-_END_AGENT_TURNS:]
    return [act.evidence for act in one_a_turn(case.of("follow_up")) if act.evidence.turn in end]


_ELSE: dict[str, Callable[[Case, Window], list[Evidence]]] = {
    "cut_in": _cut_in,
    "asked_on": _asked_on,
    "dismissive_tenth": _dismissive_tenth,
    "left_upset": _left("negative_emotion", "unresolved"),
    "left_content": _left("positive", "resolved"),
    "unanswered": _unanswered,
    "promised_last": _promised_last,
}

NAMES: tuple[str, ...] = (*AGENT, *CUSTOMER, *_ELSE)
"""All that can be counted."""

_IN_WORDS = {
    "cut_in": "cutting in",
    "asked_on": "asking on",
    "dismissive_tenth": "a tenth of the agent's turns dismissive",
    "left_upset": "leaving upset",
    "left_content": "leaving content",
    "unanswered": "feeling or trouble left unanswered",
    "promised_last": "a promise or a check near the end",
}


def in_words(name: str) -> str:
    """A name as people read it."""
    return _IN_WORDS.get(name, name.replace("_", " "))


def so_often(name: str, words: Sequence[Evidence]) -> str:
    """How often it was seen, in words: `validation twice`."""
    if name == "dismissive_tenth":
        return f"{counted(len(words), 'tenth')} of the agent's turns dismissive"
    distinct = len(set(words))
    twice = f" (counted {len(words)}: while they vent it is twice)" if distinct < len(words) else ""
    return f"{in_words(name)} {times(distinct)}{twice}"
