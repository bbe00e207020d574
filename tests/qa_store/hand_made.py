"""A store made by hand, small enough to work every answer out on paper.

| call | team  | agent | started    | percent | customer turns (of them venting) | the agent cuts in (while venting) |
|------|-------|-------|------------|--------:|----------------------------------|-----------------------------------|
| n1   | North | Ada   | 2026-03-02 |      40 | 10 (2)                           | 2 (1)                             |
| n2   | North | Ada   | 2026-03-03 |      60 | 10 (1)                           | 1 (0)                             |
| n3   | North | Ada   | 2026-03-10 |      80 | 10 (0)                           | 0                                 |
| n4   | North | Ada   | 2026-03-11 |      90 | 10 (0)                           | 1 (0)                             |
| n5   | North | Bo    | 2026-03-04 |      50 | 10 (2)                           | 4 (2)                             |
| n6   | North | Bo    | 2026-03-12 |      70 | 10 (1)                           | 0                                 |
| s1   | South | Cy    | 2026-03-02 |      30 | 10 (2)                           | 0                                 |
| s2   | South | Cy    | 2026-03-11 |      32 | 10 (0)                           | 0                                 |
| s3   | South | Cy    | 2026-03-05 |      28 | 10 (0)                           | 0                                 |
| s4   | South | Di    | 2026-03-05 |      60 | 10 (2)                           | 3 (1)                             |
| s5   | South | Di    | 2026-03-06 |    none | 10 (0)                           | cannot be known                   |
| m1   | Mail  | Ed    | 2026-03-02 |      70 | an e-mail                        |                                   |
| m2   | Mail  | Flo   | 2026-03-03 |      50 | on social media                  |                                   |
| m3   | Mail  | Flo   | 2026-03-04 |      60 | an e-mail                        |                                   |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from qa.judging import known_by
from qa.metadata import Metadata
from qa.store import KeptTranscript, Scored
from rubric import Rubric
from rubric.types import (
    Act,
    Evidence,
    Interruption,
    Interruptions,
    Measures,
    Occasion,
    RubricRef,
    Score,
    Scorecard,
    Verdict,
)
from tests.qa_store.examples import sha256
from transcription.types import Medium, Transcript, Turn

TURNS = 10
VENTS_S, TALKS_S = 10.0, 2.0
MAX = {"validates": 12.0, "respects": 10.0, "notices_struggle": 4.0}
SHARE = {"met": 1.0, "partly": 0.5, "missed": 0.0}
SORRY = "I'm sorry to hear that."

Message = tuple[str, str | None]


def words(turn: int, quote: str, rule: str = "by.hand") -> Evidence:
    """Words at the beginning of a turn, ten seconds a turn."""
    return Evidence(turn, (0, len(quote.split())), quote, rule, 10.0 * turn, 10.0 * turn + 2)


def moment(kind: str, turn: int, quote: str, *, answered: bool = False) -> Occasion:
    return Occasion(kind, words(turn, quote), words(turn + 1, SORRY) if answered else None)


def score(
    criterion: str, verdict: Verdict, *occasions: Occasion, evidence: Sequence[Evidence] = (), reason: str = "So it is."
) -> Score:
    points = None if verdict not in SHARE else SHARE[verdict] * MAX[criterion]
    critical = criterion == "respects"
    return Score(
        criterion, "Is it?", verdict, points, MAX[criterion], reason, critical, tuple(evidence), tuple(occasions)
    )


def talk(venting: int) -> Transcript:
    """Agent and customer in turn, ten seconds apart; the customer's first turns are long, the others short."""
    turns = []
    for at in range(TURNS):
        turns.append(Turn(2 * at, "agent", 20.0 * at, 20.0 * at + TALKS_S, "Go on."))
        length_s = VENTS_S if at < venting else TALKS_S
        turns.append(Turn(2 * at + 1, "customer", 20.0 * at + 10, 20.0 * at + 10 + length_s, "It is like this."))
    turns.append(Turn(2 * TURNS, "customer", 300.0, 300.5, "Mhm.", backchannel=True))
    return Transcript(turns=tuple(turns), language="en", times_from="turns")


def written(medium: Medium, messages: Sequence[Message]) -> Transcript:
    """A written conversation: of each message the speaker's first letter and when it was sent."""
    speakers = {"a": "agent", "c": "customer"}
    turns = tuple(
        Turn(at, speakers[letter], None, None, f"Message {at}.", sent_at=sent)  # type: ignore[arg-type]
        for at, (letter, sent) in enumerate(messages)
    )
    return Transcript(turns=turns, language="en", times_from="none", medium=medium)


def cuts(venting: int, others: int) -> Interruptions:
    """So many interruptions of the customer's first turn, in which they vent, and so many of their last; one back."""
    turns = [(1, True)] * venting + [(2 * TURNS - 1, False)] * others
    found = [
        Interruption("agent", turn + 1, turn, 15.0, 16.0, 0.6, severe=vents, venting=vents, rule="gave_way")
        for turn, vents in turns
    ]
    return Interruptions((*found, Interruption("customer", 3, 2, 15.0, 16.0, 0.6, False, False, "gave_way")))


def call(
    judge: Rubric,
    name: str,
    team: str,
    agent: str | None,
    day: int,
    percent: float | None,
    transcript: Transcript,
    *,
    scores: Sequence[Score] = (),
    cut: Interruptions | None = None,
    empathy: Sequence[str] = (),
    upset: int = 0,
    measures: Measures | None = None,
    reasons: tuple[str, ...] = (),
    customer_ref: str | None = None,
    scorer: str = "by hand",
) -> Scored:
    """A call on a day of March 2026, at nine; the customer is upset in their first so many turns."""
    unknown = Interruptions(unknown="There are no times of speech.")
    acts = [Act("negative_emotion", "customer", words(2 * at + 1, "I'm furious.")) for at in range(upset)]
    acts += [Act("apology", "agent", words(2 * at, quote)) for at, quote in enumerate(empathy)]
    card = Scorecard(
        percent=percent,
        coverage=None if percent is None else 1.0,
        scores=tuple(scores),
        interruptions=cut or unknown,
        acts=tuple(acts),
        flags=(),
        reasons=reasons,
        rubric=RubricRef(judge.id, judge.version),
        scorer=scorer,
        model="tiny.en" if transcript.medium == "voice" else None,
        measures=measures,
    )
    said = Metadata(
        recording=f"{name}.wav",
        team=team,
        agent=agent,
        contact_id=name,
        started_at=datetime(2026, 3, day, 9, tzinfo=UTC),
        customer_ref=customer_ref,
    )
    kept = KeptTranscript(transcript=transcript, made_with="by hand")
    return Scored(sha256=sha256(name), metadata=said, kept=kept, scorecard=card, known_by=known_by(card), rubric=judge)


def calls(judge: Rubric) -> list[Scored]:
    """All calls of the table."""
    fine = score("respects", "met")
    hard = "Being without a cooker must be hard."
    heard = words(2, "That must have been frightening.")
    furious, locked = moment("negative_emotion", 1, "I'm furious."), "I can't seem to log in."
    struggling = score("notices_struggle", "missed", moment("struggle", 5, locked))
    answered = moment("struggle", 3, locked, answered=True)
    half = score("notices_struggle", "partly", answered, moment("hardship", 7, "I lost my job."))
    met = score("validates", "met", evidence=[heard])
    on_the_whole = score("validates", "met", furious, evidence=[heard])
    no_way = score("validates", "missed", furious)
    in_part = score("validates", "partly", moment("negative_emotion", 1, "I'm furious.", answered=True), furious)
    rude = score("respects", "missed", reason="The agent was rude.")
    nothing = score("validates", "not_applicable")
    alone = "Both speak on one channel."
    mail = [
        ("c", "2026-03-02T09:00:00Z"), ("a", "2026-03-02T11:00:00Z"), ("c", "2026-03-02T12:00:00Z"),
        ("c", "2026-03-02T12:30:00Z"), ("a", "2026-03-02T20:00:00Z"), ("c", "2026-03-02T21:00:00Z"),
    ]  # fmt: skip
    post = [
        ("c", "2026-03-03T09:00:00+01:00"), ("a", "2026-03-03T08:30:00Z"), ("c", "2026-03-03T09:00:00Z"),
        ("c", "2026-03-03T10:00:00Z"),
    ]  # fmt: skip
    note = [("c", "2026-03-04T09:00:00Z"), ("a", "2026-03-04T10:00:00Z")]
    by_mail = [score("validates", "partly"), fine]
    return [
        call(judge, "n1", "North", "Ada", 2, 40, talk(2), scores=[no_way, fine], cut=cuts(1, 1), upset=2,
             empathy=[SORRY], measures=Measures(mood_start=-1.0, mood_end=0.0), customer_ref="c7"),
        call(judge, "n2", "North", "Ada", 3, 60, talk(1), scores=[nothing, fine, struggling], cut=cuts(0, 1), upset=1,
             empathy=["I'm so sorry to hear that."], customer_ref="c7"),
        call(judge, "n3", "North", "Ada", 10, 80, talk(0), scores=[met, fine], cut=cuts(0, 0), upset=3,
             empathy=["I am sorry to hear that.", hard]),
        call(judge, "n4", "North", "Ada", 11, 90, talk(0), scores=[met, fine], cut=cuts(0, 1), empathy=[SORRY]),
        call(judge, "n5", "North", "Bo", 4, 50, talk(2), scores=[in_part, fine], cut=cuts(2, 2), upset=2,
             empathy=["I'm sorry the cot never came."], measures=Measures(mood_start=-1.0, mood_end=1.0)),
        call(judge, "n6", "North", "Bo", 12, 70, talk(1), scores=[on_the_whole, fine], cut=cuts(0, 0), upset=1,
             empathy=["That must have been frightening."]),
        call(judge, "s1", "South", "Cy", 2, 30, talk(2), scores=[no_way, rude], cut=cuts(0, 0), upset=2,
             measures=Measures(mood_start=-0.5, mood_end=-1.0), customer_ref="c8"),
        call(judge, "s2", "South", "Cy", 11, 32, talk(0), scores=[nothing, fine, half], cut=cuts(0, 0),
             customer_ref="c8"),
        call(judge, "s3", "South", "Cy", 5, 28, talk(0), scores=[score("validates", "missed"), fine], cut=cuts(0, 0)),
        call(judge, "s4", "South", "Di", 5, 60, talk(2), scores=[met, fine], cut=cuts(1, 2), upset=2,
             measures=Measures(mood_start=0.0, mood_end=0.0)),
        call(judge, "s5", "South", "Di", 6, None, talk(0), scores=[score("validates", "not_scorable")],
             reasons=(alone,)),
        call(judge, "m1", "Mail", "Ed", 2, 70, written("email", mail), scores=by_mail),
        call(judge, "m2", "Mail", "Flo", 3, 50, written("social", post), scores=by_mail),
        call(judge, "m3", "Mail", "Flo", 4, 60, written("email", note), scores=by_mail),
    ]  # fmt: skip


OUTCOMES = """\
contact_id,csat,repeat_contact,when
n1,2,,2026-03-20T12:00:00Z
n2,1,,2026-03-20T12:00:00Z
n3,4,no,2026-03-20T12:00:00Z
n4,,no,2026-03-20T12:00:00Z
s1,,yes,2026-03-20T12:00:00Z
s2,,yes,2026-03-20T12:00:00Z
s3,,yes,2026-03-20T12:00:00Z
s4,5,no,2026-03-20T12:00:00Z
"""
