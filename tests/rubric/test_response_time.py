"""Response time: by the calendar, by business hours, over weekends, in zones that change their clocks."""

from __future__ import annotations

import msgspec
import pytest

import rubric
from rubric.criteria.response_time import ResponseTime
from rubric.types import Score, Verdict
from tests.rubric.talk import score_of
from transcription.types import Medium, Speaker, Transcript, Turn

# Clocks go forward in the night to Sunday, 29 March 2026, and back in that to Sunday, 25 October 2026.
LONDON = ResponseTime(zone="Europe/London")


def judged(*sent: tuple[Speaker, str | None], medium: Medium = "email", check: ResponseTime | None = None) -> Score:
    """What the default rubric, or another check in its place, says of messages sent at these times."""
    turns = tuple(Turn(index, speaker, None, None, "Hello.", sent_at=at) for index, (speaker, at) in enumerate(sent))
    written = Transcript(turns=turns, language="en", times_from="none", medium=medium)
    default = rubric.load()
    criterion = next(each for each in default.criteria if each.id == "response_time")
    if check is not None:
        criterion = msgspec.structs.replace(criterion, check=check)
    return score_of(rubric.score(written, msgspec.structs.replace(default, criteria=(criterion,))), "response_time")


def answered(asked: str, at: str, medium: Medium = "email", check: ResponseTime | None = None) -> Score:
    return judged(("customer", asked), ("agent", at), medium=medium, check=check)


@pytest.mark.parametrize(
    ("medium", "asked", "at", "verdict"),
    [
        # an hour on social media, to the second
        ("social", "2026-06-01T10:00", "2026-06-01T11:00", "met"),
        ("social", "2026-06-01T10:00", "2026-06-01T11:00:01", "missed"),
        # six hours by e-mail
        ("email", "2026-06-01T10:00", "2026-06-01T16:00", "met"),
        ("email", "2026-06-01T10:00", "2026-06-01T16:00:01", "missed"),
        ("email", "2026-06-01T09:00", "2026-06-01T16:30", "missed"),
        # by the calendar alone late, and in business hours in time
        ("email", "2026-06-01T16:00", "2026-06-02T10:00", "partly"),
        ("email", "2026-06-01T23:00", "2026-06-02T15:00", "partly"),
        ("email", "2026-06-01T16:00", "2026-06-02T14:00:01", "missed"),
        ("social", "2026-06-01T16:50", "2026-06-02T09:50", "partly"),
        # at night, in time by the calendar
        ("social", "2026-06-01T22:00", "2026-06-01T22:30", "met"),
        # the sixth of June is a Saturday
        ("email", "2026-06-05T16:00", "2026-06-08T10:00", "partly"),
        ("email", "2026-06-06T08:00", "2026-06-08T15:00", "partly"),
        ("email", "2026-06-05T16:00", "2026-06-08T14:00:01", "missed"),
        # times with their offsets: ten o'clock in New York is two in the afternoon in UTC
        ("email", "2026-06-01T10:00-04:00", "2026-06-01T19:00Z", "met"),
    ],
)
def test_calendar_and_business_hours(medium: Medium, asked: str, at: str, verdict: Verdict) -> None:
    """Met in time by the calendar; partly where business hours (Monday to Friday, 9 to 17) excuse it; else missed."""
    assert answered(asked, at, medium).verdict == verdict


@pytest.mark.parametrize(
    ("asked", "at", "verdict", "waited"),
    [
        # over the weekend on which the clocks go forward: an hour on Friday, and on Monday from 8:00 UTC on
        ("2026-03-27T16:00Z", "2026-03-30T13:00Z", "partly", "2 d 21 h, 6 h of it in business hours"),
        ("2026-03-27T16:00Z", "2026-03-30T13:30Z", "missed", "2 d 21 h, 6 h 30 min of it in business hours"),
        # in summer the business opens at 8:00 and closes at 16:00 UTC
        ("2026-06-01T16:30Z", "2026-06-02T14:00Z", "partly", "21 h 30 min, 6 h of it in business hours"),
        ("2026-06-01T16:30Z", "2026-06-02T14:30Z", "missed", "22 h, 6 h 30 min of it in business hours"),
        # times without an offset are those of the zone; the night has an hour more, or less, than the clock says
        ("2026-10-24T22:00", "2026-10-25T03:30", "partly", "6 h 30 min, 0 min of it in business hours"),
        ("2026-03-28T22:00", "2026-03-29T04:30", "met", "5 h 30 min, 0 min of it in business hours"),
    ],
)
def test_in_a_zone_with_summer_time(asked: str, at: str, verdict: Verdict, waited: str) -> None:
    """Business hours are those of the zone's clock, and hours waited are hours."""
    score = answered(asked, at, check=LONDON)
    assert (score.verdict, score.reason.partition("the longest wait was ")[2]) == (verdict, f"{waited}.")


def test_the_zone_and_the_days_are_the_rubrics() -> None:
    """The same wait is missed in London and partly in UTC; a Sunday excuses nobody who is open on it."""
    wait = ("2026-06-01T16:30Z", "2026-06-02T14:30Z")
    assert answered(*wait, check=LONDON).verdict == "missed"
    assert answered(*wait).verdict == "partly"
    sunday = ("2026-06-05T16:00Z", "2026-06-07T15:00Z")
    assert answered(*sunday).verdict == "partly"
    assert answered(*sunday, check=ResponseTime(days=("sat", "sun"))).verdict == "missed"


@pytest.mark.parametrize(
    ("zone", "closes", "asked", "at", "open_for"),
    [
        # 18:00 on Monday to 13:30 on Tuesday, and in UTC both on Tuesday
        ("America/Los_Angeles", "20:00", "2026-06-02T01:00Z", "2026-06-02T20:30Z", "6 h 30 min"),
        # 16:00 on Monday to 11:00 on Tuesday, and in UTC both on Monday
        ("Pacific/Auckland", "17:00", "2026-06-01T04:00Z", "2026-06-01T23:00Z", "3 h"),
    ],
)
def test_a_day_is_a_day_of_the_zone(zone: str, closes: str, asked: str, at: str, open_for: str) -> None:
    """Where it is another day than in UTC, the business opens by its own."""
    score = answered(asked, at, check=ResponseTime(zone=zone, closes=closes))
    assert score.reason.endswith(f", {open_for} of it in business hours.")


MONDAY = "2026-06-01T"


def test_half_of_the_answers_in_time_are_partly_and_less_is_missed() -> None:
    """Each first message that waits has its answer; the late ones are shown."""
    prompt: tuple[tuple[Speaker, str | None], ...] = (("customer", MONDAY + "09:00"), ("agent", MONDAY + "09:30"))
    late: tuple[tuple[Speaker, str | None], ...] = (("customer", MONDAY + "10:00"), ("agent", MONDAY + "12:00"))
    later: tuple[tuple[Speaker, str | None], ...] = (("customer", MONDAY + "13:00"), ("agent", MONDAY + "15:00"))
    half = judged(*prompt, *late, medium="social")
    assert (half.verdict, [each.turn for each in half.evidence]) == ("partly", [3])
    third = judged(*prompt, *late, *later, medium="social")
    assert (third.verdict, [each.turn for each in third.evidence]) == ("missed", [3, 5])
    assert third.reason.startswith("Within 1 h: 1 of 3 answers;")
    assert [(each.evidence.turn, each.answered_by and each.answered_by.turn) for each in third.occasions] == [
        (0, 1), (2, 3), (4, 5),
    ]  # fmt: skip


def test_who_asks_again_has_waited_since_they_first_asked() -> None:
    """A reminder starts no new wait."""
    score = judged(
        ("customer", MONDAY + "10:00"),
        ("customer", MONDAY + "11:30"),
        ("agent", MONDAY + "12:00"),
        medium="social",
    )
    assert score.verdict == "missed"
    assert score.occasions[0].evidence.turn == 0


def test_an_update_is_an_answer_and_what_follows_it_is_not_waited_for() -> None:
    """Any message of the agent's counts; after it nobody waits until the customer writes again."""
    score = judged(
        ("customer", MONDAY + "10:00"),
        ("agent", MONDAY + "10:20"),
        ("agent", "2026-06-04T10:00"),
        ("customer", "2026-06-04T10:05"),
        medium="social",
    )
    assert (score.verdict, len(score.occasions)) == ("met", 1)


@pytest.mark.parametrize("medium", ["voice", "chat"])
def test_only_letters_and_posts_have_a_time_to_answer_in(medium: Medium) -> None:
    """A telephone call or a chat is answered on the spot."""
    assert answered(MONDAY + "10:00", MONDAY + "20:00", medium).verdict == "not_applicable"


def test_one_message_without_its_time_leaves_the_waits_unknown() -> None:
    """Unknown is not late."""
    score = judged(("customer", MONDAY + "10:00"), ("agent", MONDAY + "20:00"), ("customer", None), medium="social")
    assert (score.verdict, score.points) == ("not_scorable", None)


def test_who_gets_no_answer_has_waited_to_their_last_message() -> None:
    """A week between two messages that nobody answers is a wait of a week at least, whatever was answered before."""
    score = judged(
        ("customer", "2026-06-01T09:50Z"),
        ("agent", "2026-06-01T10:00Z"),
        ("customer", "2026-06-01T11:00Z"),
        ("customer", "2026-06-08T11:00Z"),
    )
    assert score.verdict == "partly"
    assert "1 of 2 answers; the longest wait was 7 d and had no answer" in score.reason
    assert score.occasions[1].answered_by is None


def test_messages_out_of_order_are_not_scorable() -> None:
    """An answer before the message is a clock that is wrong."""
    score = judged(("customer", "2026-06-05T10:00Z"), ("agent", "2026-06-02T10:00Z"))
    assert score.verdict == "not_scorable"
