"""The twenty questions of docs/questions.md, asked of a store that was made by hand (hand_made.py has its table).

T1, T2 and T3 are Student's t at 0.975 with one, two and three degrees of freedom. A team's interval is mean ± T times
sqrt(G / (G - 1) × the sum over agents of (the agent's sum of y - mean)²) / n, with G - 1 degrees of freedom.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import rubric as rubrics
from qa import outcomes
from qa.settings import Settings
from qa.store import Store
from rubric import accuracy
from tests.qa_store import hand_made

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
SECTIONS = re.findall(
    r"^## (\d+)\. ([^\n]+\?)\n\n```sql\n(.+?)```\n\n(.+?)(?=\n\n## |\Z)", PAGE, re.DOTALL | re.MULTILINE
)
QUESTIONS = {int(number): query for number, _, query, _ in SECTIONS}

T1, T2, T3 = 12.706205, 4.302653, 3.182446


def clustered(n: float, *sums: float) -> float:
    """Half of a 95 % interval over n calls, from the two agents' sums of y - mean: t has one degree of freedom."""
    one, other = sums
    return T1 * math.sqrt(2 / 1 * (one**2 + other**2)) / n


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The store, with floors that its few calls can reach."""
    folder = tmp_path_factory.mktemp("hand_made")
    (folder / "survey.csv").write_text(hand_made.OUTCOMES)
    with Store.open(folder / "qa.duckdb", settings=Settings(min_calls=2, min_agents=2)) as store:
        store.save_all(hand_made.calls(rubrics.load()))
        done = store.import_outcomes(outcomes.read_csv(folder / "survey.csv"))
        assert (done.new, done.problems) == (10, ())
        yield store


def test_there_are_twenty_each_with_a_sentence_on_how_to_read_the_answer() -> None:
    assert [int(number) for number, *_ in SECTIONS] == list(range(1, 21))
    assert PAGE.count("```sql") == 20
    assert all(reading.strip().endswith((".", ")")) for *_, reading in SECTIONS)


def ask(store: Store, number: int) -> list[dict[str, Any]]:
    found = store.sql(QUESTIONS[number])
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def check(store: Store, number: int, *expected: tuple[Any, ...]) -> None:
    """The rows are these, in order; numbers to six digits."""
    found = [tuple(row.values()) for row in ask(store, number)]
    assert len(found) == len(expected)
    for row, right in zip(found, expected, strict=True):
        assert [
            pytest.approx(value, rel=1e-5, abs=1e-9) if isinstance(value, float) else value for value in right
        ] == list(row)


def test_1_which_teams_score_highest(asked: Store) -> None:
    """North 390/6, Mail 180/3, South 150/4; Ada 270 - 4 × 65 = 10, Ed 70 - 60 = 10, Cy 90 - 3 × 37.5 = -22.5."""
    check(
        asked, 1,
        ("North", 6, 2, 65.0, 65 - clustered(6, 10, -10), 100.0, False),  # 22.6; 107.4 stops at 100
        ("Mail", 3, 2, 60.0, 0.0, 100.0, False),  # 60 ± 84.7
        ("South", 4, 2, 37.5, 0.0, 100.0, False),  # 37.5 ± 142.9
    )  # fmt: skip


def test_2_which_agents_are_below_their_team_and_not_by_chance(asked: Store) -> None:
    """Cy's 30, 32, 28: s = 2, so 30 ± T2 × 2 / sqrt(3) = 25.0 to 35.0, under 37.5. All others reach it."""
    half = T2 * 2 / math.sqrt(3)
    check(asked, 2, ("South", "Cy", 3, 30.0, 30 - half, 30 + half, 37.5))


def test_3_which_practice_is_each_team_weakest_in(asked: Store) -> None:
    """validates: North 0, 100, 100 (Ada), 50, 100 (Bo): 70, Ada 200 - 210; South 0, 0 (Cy), 100 (Di): Cy 0 - 66.7.

    Mail's are all 50. notices_struggle had one call in North and in South: too few.
    """
    check(
        asked, 3,
        ("Mail", "validates", 3, 50.0, None, None),
        ("North", "validates", 5, 70.0, 70 - clustered(5, -10, 10), 100.0),
        ("South", "validates", 3, 100 / 3, 0.0, 100.0),
    )  # fmt: skip


def test_4_how_far_can_each_verdict_be_trusted(asked: Store) -> None:
    """The published figures of the three criteria of the store, and of no other."""
    check(
        asked, 4,
        *sorted(
            (criterion, source.name, one.n, one.kappa, one.low, one.high)
            for source in accuracy.measured().sources
            for criterion, one in source.criteria.items()
            if criterion in hand_made.MAX
        ),
    )  # fmt: skip
    assert {row["criterion"] for row in ask(asked, 4)} >= {"validates", "respects"}


def test_5_which_teams_interrupt_most_while_customers_vent(asked: Store) -> None:
    """North: Ada 1 in 3 venting turns, Bo 2 in 3: 3/6, Ada 1 - 3 × 0.5. South: Cy 0 in 2, Di 1 in 2: 1/4, Cy 0 - 0.5.

    Three more turns of n3 are upset but short, and s3 has none; Mail has no turns that can be heard.
    """
    check(
        asked, 5,
        ("North", 4, 6, 3, 0.5, 0.0, 0.5 + clustered(6, -0.5, 0.5), False),
        ("South", 2, 4, 1, 0.25, 0.0, 0.25 + clustered(4, -0.5, 0.5), False),
    )  # fmt: skip


def test_6_which_agents_cut_in_most(asked: Store) -> None:
    """Bo 4 and 0 in 10 turns each: 0.2, off by 2 and -2. Ada 2, 1, 0, 1: 0.1, off by 1, 0, -1, 0. Cy never.

    Di has one call in which it is known, which is too few; one interruption by a customer in each call is not counted.
    """
    bo = T1 * math.sqrt(2 / 1 * (2**2 + 2**2)) / 20
    ada = T3 * math.sqrt(4 / 3 * (1**2 + 1**2)) / 40
    check(
        asked, 6,
        ("North", "Bo", 2, 20, 4, 2, 0.2, 0.0, 0.2 + bo),
        ("North", "Ada", 4, 40, 4, 1, 0.1, 0.0, 0.1 + ada),
        ("South", "Cy", 3, 30, 0, 0, 0.0, None, None),
    )  # fmt: skip


def test_7_whose_empathy_is_one_stock_sentence(asked: Store) -> None:
    """Ada's in 4 of 5 sentences, once a call; by call that is off by 0.2, 0.2, 1 - 2 × 0.8 and 0.2. Bo has two."""
    half = T3 * math.sqrt(4 / 3 * (3 * 0.2**2 + 0.6**2)) / 5
    check(asked, 7, ("North", "Ada", "I am sorry to hear that.", 4, 5, 4, 0.8, 0.8 - half, 1.0))


def test_8_which_polite_customers_did_nobody_answer(asked: Store) -> None:
    """n2's one moment was not answered; s2 had two, of which one was."""
    check(asked, 8, ("n2", "North", "Ada", "struggle", 50.0, "I can't seem to log in."))


def test_9_which_feelings_did_nobody_acknowledge(asked: Store) -> None:
    """One of n5's two moments; n6 met the criterion on the whole."""
    check(
        asked, 9,
        ("n5", "Bo", "partly", 1, 10.0, "I'm furious."),
        ("n1", "Ada", "missed", 1, 10.0, "I'm furious."),
        ("s1", "Cy", "missed", 1, 10.0, "I'm furious."),
    )  # fmt: skip


def test_10_how_does_an_agent_develop(asked: Store) -> None:
    """Ada's 40 and 60 in the week of 2 March: s = sqrt(200), 50 ± 127; then 80 and 90: s = sqrt(50), 85 ± 63.5."""
    check(
        asked, 10,
        ("2026-W10", 2, 50.0, 0.0, 100.0, False),
        ("2026-W11", 2, 85.0, 85 - T1 * math.sqrt(50 / 2), 100.0, False),
    )  # fmt: skip


def test_11_did_coaching_help(asked: Store) -> None:
    """Variances of the means 200/2 and 50/2; Welch's df = 125² / (100² + 25²) = 1.47, taken as 1."""
    check(
        asked, 11,
        ("before", 2, 50.0, 50 - T1 * 10, 50 + T1 * 10),
        ("after", 2, 85.0, 85 - T1 * 5, 85 + T1 * 5),
        ("difference", 4, 35.0, 35 - T1 * math.sqrt(125), 35 + T1 * math.sqrt(125)),
    )  # fmt: skip


def test_12_how_does_empathy_go_with_satisfaction(asked: Store) -> None:
    """Percents 40, 60, 80 of Ada, 60 of Di; csat 2, 1, 4 and 5: off by -20, 0, 20, 0 and by -1, -2, 1, 2.

    r = 40 / sqrt(800 × 10) = 1 / sqrt(5). In units of spread, zx² is 2, 0, 2, 0, zy² is 0.4, 1.6, 0.4, 1.6 and zx zy is
    2 / sqrt(5), 0, 2 / sqrt(5), 0: zx zy - r (zx² + zy²) / 2 is 0.8, -0.8, 0.8 and -0.8 by sqrt(5). Ada's sum is
    0.8 / sqrt(5), Di's its opposite; SE = sqrt(2 × 2 × 0.64 / 5) / 4 = 0.4 / sqrt(5), and 1 - r² is 0.8.
    """
    r = 1 / math.sqrt(5)
    width = T1 * 0.4 / math.sqrt(5) / 0.8
    check(asked, 12, ("csat", 4, 2, r, math.tanh(math.atanh(r) - width), math.tanh(math.atanh(r) + width), False))


def test_13_do_customers_call_again_after_low_scores(asked: Store) -> None:
    """28, 30 | 32, 60 | 80, 90: Cy's two both did; of Cy's and Di's one; of Ada's none."""
    check(
        asked, 13,
        (1, 28.0, 30.0, 2, 1.0, None, None),
        (2, 32.0, 60.0, 2, 0.5, 0.0, 1.0),
        (3, 80.0, 90.0, 2, 0.0, None, None),
    )  # fmt: skip


def test_14_how_long_do_customers_wait(asked: Store) -> None:
    """By e-mail 120 and 480 (Ed) and 60 minutes (Flo): 220, Ed 600 - 440; on social media 30, and one not answered."""
    check(
        asked, 14,
        ("Mail", "email", 3, 0, 120.0, 220.0, 0.0, 220 + clustered(3, 160, -160), False),
        ("Mail", "social", 1, 1, 30.0, 30.0, None, None, True),
    )  # fmt: skip


def test_15_which_messages_were_answered_late_or_never(asked: Store) -> None:
    """Eight hours from the first of two e-mails; the last message of m1 closes the talk and waits for nothing."""
    check(
        asked, 15,
        ("m1", "Ed", "email", datetime(2026, 3, 2, 12, tzinfo=UTC), 8.0, "Message 2."),
        ("m2", "Flo", "social", datetime(2026, 3, 3, 9, tzinfo=UTC), None, "Message 2."),
    )  # fmt: skip


def test_16_which_calls_failed_in_what_must_not_fail(asked: Store) -> None:
    check(asked, 16, ("s1", "South", "Cy", 30.0, "respects", "The agent was rude."))


def test_17_which_calls_could_not_be_scored(asked: Store) -> None:
    check(asked, 17, ("South", "Both speak on one channel.", 1))


def test_18_which_moments_are_good_examples(asked: Store) -> None:
    """The words begin with turn 2, at 20 s."""
    words = "That must have been frightening."
    check(
        asked, 18,
        ("n4", "Ada", 90.0, 20.0, words),
        ("n3", "Ada", 80.0, 20.0, words),
        ("n6", "Bo", 70.0, 20.0, words),
        ("s4", "Di", 60.0, 20.0, words),
    )  # fmt: skip


def test_19_do_customers_leave_in_a_better_mood(asked: Store) -> None:
    """North came with -1 and -1, left with 0 (Ada) and 1 (Bo); South: -0.5 (Cy) and 0 (Di), then -1 and 0."""
    check(
        asked, 19,
        ("North", "mood_start", 2, -1.0, None, None, False),
        ("North", "mood_end", 2, 0.5, -1.0, 1.0, False),
        ("South", "mood_start", 2, -0.25, -1.0, 1.0, False),
        ("South", "mood_end", 2, -0.5, -1.0, 1.0, False),
    )  # fmt: skip


def test_20_which_customers_had_to_call_again(asked: Store) -> None:
    """c7 the next day; c8 after nine days, which is not within a week."""
    check(asked, 20, ("North", "c7", "n1", "Ada", "n2", 24))
