"""Verdicts that are sums: what counts how often, what is needed, and the sum in the reason."""

from __future__ import annotations

import msgspec
import pytest

import rubric
from rubric import acts, interruptions
from rubric.balance import Balance
from rubric.case import Case
from rubric.criteria.respects import Respects
from rubric.criteria.validates import Validates
from rubric.types import Interruption, Interruptions
from tests.rubric.talk import Said, call
from transcription.types import Transcript

HELLO: Said = ("agent", "Larch Homeware, how can I help?")
FURIOUS: Said = ("customer", "I'm furious. The cot never came and I've been on hold for an hour.")
AWFUL: Said = ("agent", "An hour on hold, that must have been awful.")
WONDER: Said = ("agent", "No wonder you're fed up with us.")
ON_IT: Said = ("agent", "Leave it with me, I'm going to get this sorted for you.")
NUMBER: Said = ("customer", "The number is 4471.")

CHECK = Validates(counts={"validation": (2.0, 1.0), "ownership": (4.0,)}, met=3.0, partly=2.0, needs=("validation",))


def case_of(transcript: Transcript, between: Interruptions | None = None) -> Case:
    said = acts.read(transcript)
    found = between or interruptions.find(transcript, rubric.load().interruptions, upset=set())
    return Case(transcript, said, acts.judge(transcript, said), found)


@pytest.mark.parametrize(
    ("said", "verdict", "total"),
    [
        ((), "missed", 0.0),
        ((AWFUL,), "partly", 2.0),
        ((AWFUL, NUMBER, WONDER), "met", 3.0),
        ((AWFUL, NUMBER, AWFUL), "partly", 2.0),  # the same sentence earns once
        ((ON_IT,), "partly", 4.0),  # enough, but not what it needs
        ((AWFUL, NUMBER, ON_IT), "met", 6.0),
    ],
)
def test_the_first_counts_so_much_and_the_second_so_much_more(
    said: tuple[Said, ...], verdict: str, total: float
) -> None:
    """By the rubric's numbers alone, and without what it needs it is partly at best."""
    case = case_of(call(HELLO, FURIOUS, *said, NUMBER))
    assert CHECK.weigh(case).total == total
    judged = CHECK.judge(case)
    assert judged.verdict == verdict
    assert f" {total:g}; met from 3, partly from 2)." in judged.reason


def test_the_sum_can_be_added_up_from_the_reason_and_the_words() -> None:
    """Each part stands in the reason with how often and how much, and its words in the evidence."""
    judged = CHECK.judge(case_of(call(HELLO, FURIOUS, AWFUL, NUMBER, ON_IT, NUMBER)))
    assert "(Validation once +2, ownership once +4: 6; met from 3, partly from 2)" in judged.reason
    assert [(each.turn, each.rule.split(".")[0]) for each in judged.evidence] == [(2, "validation"), (4, "ownership")]


def cut_in(turn: int, *, venting: bool = False) -> Interruption:
    return Interruption("agent", turn, turn - 1, 9.0, 10.0, 1.0, severe=False, venting=venting, rule="holds")


def test_cutting_in_on_who_vents_counts_twice_and_one_in_twenty_turns_is_let_pass() -> None:
    """As a rate and not only a count: twenty turns of the customer's have room for one."""
    check = Respects(counts={"cut_in": (-1.0, -1.0, -1.0)}, met=0.0, partly=-1.0)
    short = call(HELLO, FURIOUS, AWFUL, NUMBER)
    assert check.weigh(case_of(short, Interruptions(found=(cut_in(2),)))).total == -1.0
    assert check.weigh(case_of(short, Interruptions(found=(cut_in(2, venting=True),)))).total == -2.0
    long = call(*[HELLO, FURIOUS] * 20)
    assert check.weigh(case_of(long, Interruptions(found=(cut_in(2),)))).total == 0.0


def test_in_a_short_talk_a_dismissive_turn_weighs_more() -> None:
    """A tenth of the agent's turns counts one, two tenths two."""
    check = Respects(counts={"dismissive_tenth": (-1.0, -1.0, -1.0)}, met=0.0, partly=-1.0)
    rude: Said = ("agent", "You need to calm down, that's not my problem.")
    fine: tuple[Said, ...] = (("agent", "It comes on Monday."), NUMBER)
    for others, total in ((20, 0.0), (8, -1.0)):
        assert check.weigh(case_of(call(rude, NUMBER, *fine * others))).total == total


def test_every_number_that_the_verdict_rests_on_is_in_the_scorecard() -> None:
    """The steps of each count, with the thresholds."""
    score = next(
        each
        for each in rubric.score(call(HELLO, FURIOUS, AWFUL), rubric.load()).scores
        if each.criterion == "validates"
    )
    check = next(each.check for each in rubric.load().criteria if each.id == "validates")
    assert isinstance(check, Balance)
    assert score.thresholds["met"] == check.met
    assert score.thresholds["validation[0]"] == check.counts["validation"][0]


def test_a_changed_number_changes_the_verdict() -> None:
    """Nothing but the rubric is asked."""
    case = case_of(call(HELLO, FURIOUS, AWFUL, NUMBER))
    assert CHECK.judge(case).verdict == "partly"
    assert msgspec.structs.replace(CHECK, met=2.0).judge(case).verdict == "met"
    assert msgspec.structs.replace(CHECK, partly=2.5).judge(case).verdict == "missed"
