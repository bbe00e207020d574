"""The two quizzes of the articles: of several answers to the same customer, which is best and which is worst."""

from __future__ import annotations

import pytest

import rubric
from rubric.types import Scorecard
from tests.rubric.talk import read, verdict

ON_HOLD = """
A: Larch Homeware, how can I help?
C: Finally! I've been on hold for twenty minutes, just to ask where my order is. This is so frustrating.
A: {answer}
C: It's 4471. It was supposed to come on Tuesday, and it never did.
A: It's still at the depot, and it comes on Thursday.
C: Okay.
"""
NUMBER = "What's the order number?"
ANSWERS = {
    "empathetic": (
        "Twenty minutes on hold, that must have been so frustrating. I'm really sorry that you had to wait so long. "
        f"I'm going to get this sorted for you right now. {NUMBER}"
    ),
    "curt": NUMBER,
    "bare": f"I understand. {NUMBER}",
    "inconvenience": f"Sorry for any inconvenience this may have caused. {NUMBER}",
    "volume": f"We're getting a lot of calls today, so everybody has to wait. {NUMBER}",
    "calm": f"You need to calm down. {NUMBER}",
}

SHOUT = "Noor, is it? I'm Chris, I've been with you for fifteen years and I have never been treated like this!"
STORY = "Three days without hot water, with a baby in the house, and nobody calls me back! I'm absolutely furious!"
CHRIS = {
    "heard": f"""
A 0-3: Larch Boilers, this is Noor speaking.
C 4-24: {SHOUT} {STORY}
A 25-40: Fifteen years with us, Chris, and three days without hot water, with a baby. I can see why you're furious. \
I'm so sorry that nobody called you back. I'm going to get this sorted for you right now.
C 41-46: Well, about time. The boiler shows a red light and it's stone cold.
A 47-52: An engineer is coming to you at eight tomorrow.
C 53-55: All right.
""",
    "calmed": f"""
A 0-3: Larch Boilers, this is Noor speaking.
C 4-14: {SHOUT} Three days without hot--
A 13-18: Sir, I need you to calm down. You need to calm down, sir.
C 19-39: {STORY}
A 40-45: If you calm down I can help you.
C 46-51: Well, about time. The boiler shows a red light and it's stone cold.
A 52-57: An engineer is coming to you at eight tomorrow.
C 58-60: All right.
""",
    "argued": f"""
A 0-3: Larch Boilers, this is Noor speaking.
C 4-24: {SHOUT} {STORY}
A 25-32: That's not true, we did call you. You should have answered your phone.
C 33-38: Well, about time. The boiler shows a red light and it's stone cold.
A 39-44: As I already told you, we called you. You're shouting at me. An engineer is coming to you at eight tomorrow.
C 45-47: All right.
""",
}


@pytest.fixture(scope="module")
def on_hold() -> dict[str, Scorecard]:
    """The customer kept on hold for twenty minutes, by the answer that they get."""
    judge = rubric.load()
    return {name: rubric.score(read(ON_HOLD.format(answer=answer)), judge) for name, answer in ANSWERS.items()}


@pytest.fixture(scope="module")
def chris() -> dict[str, Scorecard]:
    """Chris, a customer for many years, who shouts from the first second, by what the agent does."""
    judge = rubric.load()
    return {name: rubric.score(read(talk), judge) for name, talk in CHRIS.items()}


def whole(card: Scorecard) -> int:
    """The percent as people read it."""
    assert card.percent is not None
    return round(card.percent)


def verdicts(cards: dict[str, Scorecard], criterion: str) -> dict[str, str]:
    return {name: verdict(card, criterion) for name, card in cards.items()}


def test_on_hold_the_empathetic_answer_is_best_and_calming_down_worst(on_hold: dict[str, Scorecard]) -> None:
    """Validating, apologising and taking it on stands far above all others, and "calm down" below all others."""
    percents = {name: whole(card) for name, card in on_hold.items()}
    best, worst = percents.pop("empathetic"), percents.pop("calm")
    assert best >= max(percents.values()) + 20
    assert worst < min(percents.values())


def test_on_hold_what_the_answers_differ_in(on_hold: dict[str, Scorecard]) -> None:
    """Only the empathetic one validates, apologises and owns; an apology under a condition is half of one."""
    others = [name for name in ANSWERS if name != "empathetic"]
    missed = dict.fromkeys(others, "missed")
    assert verdicts(on_hold, "validates") == {"empathetic": "partly", **missed}
    assert verdicts(on_hold, "apologises") == {"empathetic": "met", **missed, "inconvenience": "partly"}
    assert verdicts(on_hold, "owns") == {"empathetic": "partly", **missed}
    assert verdicts(on_hold, "respects") == {**dict.fromkeys(ANSWERS, "met"), "calm": "partly"}


def test_on_hold_a_bare_understand_is_worth_no_more_than_nothing(on_hold: dict[str, Scorecard]) -> None:
    """No more is earned by "I understand" or by the volume of calls than by the curt answer."""
    assert whole(on_hold["bare"]) == whole(on_hold["curt"]) == whole(on_hold["volume"])


def test_chris_is_heard_out_rather_than_calmed_down_or_argued_with(chris: dict[str, Scorecard]) -> None:
    """Letting him finish, validating and taking it on beats cutting in to calm him down, and beats arguing."""
    assert whole(chris["heard"]) >= whole(chris["calmed"]) + 50
    assert whole(chris["heard"]) >= whole(chris["argued"]) + 50


def test_chris_what_the_agents_differ_in(chris: dict[str, Scorecard]) -> None:
    """Who hears him out earns what the two others miss; nobody but the one who calms him down cuts in on him."""
    assert verdicts(chris, "listens") == {"heard": "met", "calmed": "missed", "argued": "partly"}
    for criterion in ("owns", "apologises", "respects", "personalises"):
        assert verdicts(chris, criterion) == {"heard": "met", "calmed": "missed", "argued": "missed"}
    assert verdicts(chris, "validates") == {"heard": "partly", "calmed": "missed", "argued": "missed"}
    cut = {name: [(each.by, each.venting) for each in card.interruptions.found] for name, card in chris.items()}
    assert cut == {"heard": [], "calmed": [("agent", True)], "argued": []}
