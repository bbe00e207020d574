"""Edges of turns and interruptions, on cases small enough to count by hand."""

from __future__ import annotations

import pytest

from benchmarks import timing
from benchmarks.truth import Party, Truth, TruthTurn
from rubric.types import Interruption
from transcription.types import Interval, Transcript, Turn


def truth(*turns: TruthTurn) -> Truth:
    return Truth("a.wav", {"left": "agent", "right": "customer"}, turns)


def transcript(*spans: tuple[Party, float, float]) -> Transcript:
    return Transcript(tuple(Turn(i, who, start_s, end_s, "x") for i, (who, start_s, end_s) in enumerate(spans)))


def agent(start_s: float, end_s: float, **marks: bool | str) -> TruthTurn:
    return TruthTurn("agent", start_s, end_s, **marks)  # type: ignore[arg-type]


def customer(start_s: float, end_s: float, **marks: bool | str) -> TruthTurn:
    return TruthTurn("customer", start_s, end_s, **marks)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((agent(0, 1), agent(1.5, 2)), [Interval(0, 2)]),
        ((agent(0, 1), agent(1.6, 2)), [Interval(0, 1), Interval(1.6, 2)]),
        ((agent(0, 1), customer(1.1, 1.4), agent(1.5, 2)), [Interval(0, 1), Interval(1.5, 2)]),
        ((agent(0, 1), customer(0.9, 1.4, overlap="backchannel"), agent(1.5, 2)), [Interval(0, 2)]),
        ((agent(0, 1), customer(0.2, 0.8), agent(1.5, 2)), [Interval(0, 2)]),
        ((agent(0, 1), agent(1.2, 1.4, overlap="backchannel")), [Interval(0, 1), Interval(1.2, 1.4)]),
    ],
    ids=["small gap", "gap of turn_gap_s", "other takes floor", "other's backchannel", "other before the gap", "own"],
)
def test_joined(turns: tuple[TruthTurn, ...], expected: list[Interval]) -> None:
    """Gaps under 0.6 s close, unless more than a backchannel of the other stands in them."""
    assert timing.joined(truth(*turns), "agent") == expected


def test_edges_hold_a_true_turn_against_the_found_one_that_overlaps_it_most() -> None:
    """The smaller of two found turns makes a split and does not count for the edges."""
    found = transcript(("agent", 0.9, 4.5), ("agent", 4.6, 5.2))

    edges = timing.edges(truth(agent(1, 5)), found)

    assert edges.turns == 1
    assert edges.start_off_s == pytest.approx((0.1,))
    assert edges.end_off_s == pytest.approx((0.5,))
    assert edges.split_s == (1.0,)
    assert edges.missed_s == edges.invented_s == ()


def test_edges_name_turns_without_a_partner() -> None:
    """The other speaker's turn at the same time is no partner; touching is no overlap."""
    found = transcript(("customer", 1, 5), ("agent", 5, 6))

    edges = timing.edges(truth(agent(1, 5)), found)

    assert edges.missed_s == (1.0,)
    assert edges.invented_s == (5.0, 1.0)
    assert edges.start_off_s == edges.end_off_s == edges.split_s == ()


def found_at(start_s: float, by: Party = "agent") -> Interruption:
    return Interruption(by, 1, 0, start_s, start_s + 1, 1.0, severe=True, venting=False, rule="test")


CUT = (customer(0, 5, cut_off=True), agent(4.4, 8, overlap="interruption"))


@pytest.mark.parametrize(
    ("turns", "must", "may"),
    [
        (CUT, [4.4], []),
        ((customer(0, 5, cut_off=True), agent(4.52, 8, overlap="interruption")), [], [4.52]),
        ((customer(0, 5, cut_off=True), agent(4.6, 8, overlap="interruption")), [], []),
        ((customer(0, 5), agent(4.4, 8, overlap="interruption")), [], [4.4]),
        ((customer(0, 5, cut_off=True), agent(4.4, 8)), [], [4.4]),
        ((customer(0, 5), agent(4.0, 4.5, overlap="backchannel")), [], [4.0]),
        ((agent(1, 2, overlap="interruption"),), [], []),
    ],
    ids=["true", "0.48 s", "0.4 s", "not cut off", "not marked", "backchannel", "nobody before"],
)
def test_true_interruptions(turns: tuple[TruthTurn, ...], must: list[float], may: list[float]) -> None:
    """True: marked, 0.5 s, the other cut off. Other overlaps from 0.45 s may be reported or not."""
    assert timing.true_interruptions(truth(*turns), "agent") == (must, may)
    assert timing.true_interruptions(truth(*turns), "customer") == ([], [])


@pytest.mark.parametrize(
    ("turns", "found", "expected"),
    [
        (CUT, [found_at(5.5)], timing.Found(hits_s=(4.4,))),
        (CUT, [found_at(5.7)], timing.Found(missed_s=(4.4,), invented_s=(5.7,))),
        (CUT, [found_at(4.4, "customer")], timing.Found(missed_s=(4.4,))),
        (CUT, [found_at(4.0), found_at(4.5)], timing.Found(hits_s=(4.4,), invented_s=(4.0,))),
        (CUT, [], timing.Found(missed_s=(4.4,))),
        ((customer(0, 5), agent(4.4, 8)), [found_at(4.4)], timing.Found(ignored_s=(4.4,))),
        ((customer(0, 5), agent(6, 8)), [found_at(6.0)], timing.Found(invented_s=(6.0,))),
    ],
    ids=["near", "too far", "other side", "twice", "missed", "neither way", "invented"],
)
def test_interruptions(turns: tuple[TruthTurn, ...], found: list[Interruption], expected: timing.Found) -> None:
    """A match is the same speaker within 1.2 s, each once."""
    assert timing.interruptions(truth(*turns), found, "agent") == expected


def test_precision_and_recall() -> None:
    """Of those found, and of those true; unknown where there are none. Overlaps that count neither way do not."""
    found = timing.Found(hits_s=(1.0, 2.0, 3.0), missed_s=(4.0,), invented_s=(5.0, 6.0), ignored_s=(7.0,))

    assert found.precision == pytest.approx(0.6)
    assert found.recall == pytest.approx(0.75)
    assert timing.Found().precision is None
    assert timing.Found().recall is None
