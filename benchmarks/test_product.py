"""Times of turns, scoring and storing; each case also holds what comes out against what must.

make bench
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import qa.demo
import rubric
from qa.judging import known_by
from qa.metadata import Metadata
from qa.store import KeptTranscript, Scored, Store
from rubric.types import Scorecard
from transcription import formats, turns
from transcription.types import Interval, Speaker, Transcript, Turn, Word

GAP_S, WORDS, WORD_S = 0.4, 15, 0.32
TURN_S = WORDS * WORD_S
HOUR_S = 3600.0


@pytest.fixture(scope="module")
def conversations() -> list[Transcript]:
    """The 32 written conversations of the demo."""
    return [formats.read(path) for path in sorted(qa.demo.FOLDER.glob("conversations/*.json"))]


def hour_of_talk() -> list[Turn]:
    """Agent and customer in turn, a short pause within each turn, a backchannel within every tenth."""
    said: list[Turn] = []
    speakers: tuple[Speaker, Speaker] = ("agent", "customer")
    for number in range(int(HOUR_S / (TURN_S + GAP_S))):
        start_s = round(number * (TURN_S + GAP_S), 3)
        spoken = tuple(
            Word(
                f"w{number}-{index}", round(start_s + index * WORD_S, 3), round(start_s + (index + 1) * WORD_S, 3), 0.9
            )
            for index in range(WORDS)
        )
        said.append(_turn(speakers[number % 2], spoken))
        if number % 10 == 0:
            yes = (Word("Right.", round(start_s + 2.0, 3), round(start_s + 2.4, 3), 0.9),)
            said.append(_turn(speakers[(number + 1) % 2], yes, backchannel=True))
    return said


def _turn(speaker: Speaker, words: tuple[Word, ...], *, backchannel: bool = False) -> Turn:
    text = " ".join(word.text for word in words)
    return Turn(0, speaker, words[0].start_s, words[-1].end_s, text, words, backchannel)


def test_turns_of_an_hour(benchmark: BenchmarkFixture) -> None:
    """An hour of speech and its 10,000 words come back as the turns that they were made of."""
    said = hour_of_talk()
    words: dict[Speaker, list[Word]] = {"agent": [], "customer": []}
    speech: dict[Speaker, list[Interval]] = {"agent": [], "customer": []}
    for turn in said:
        words[turn.speaker] += turn.words
        # A breath in the middle of each turn: speech is in pieces that belong together.
        half = len(turn.words) // 2
        pieces = (turn.words[:half], turn.words[half:]) if half else (turn.words,)
        speech[turn.speaker] += [
            Interval(piece[0].start_s, piece[-1].end_s - (0.1 if piece is pieces[0] and half else 0.0))
            for piece in pieces
        ]

    found = benchmark(turns.cut, speech, words, turn_gap_s=0.6)

    def shape(turn: Turn) -> tuple[object, ...]:
        return turn.speaker, turn.start_s, turn.end_s, turn.text, turn.backchannel

    assert [shape(turn) for turn in found] == [shape(turn) for turn in said]
    assert [turn.index for turn in found] == list(range(len(said)))


def test_scoring_of_32_conversations(benchmark: BenchmarkFixture, conversations: list[Transcript]) -> None:
    """Every criterion gets a verdict, the percent is what the points make, and again is the same to the byte."""
    judge = rubric.load()

    def score_all() -> list[Scorecard]:
        return [rubric.score(conversation, judge) for conversation in conversations]

    cards = benchmark(score_all)

    assert len(cards) == 32
    for card in cards:
        assert [score.criterion for score in card.scores] == [criterion.id for criterion in judge.criteria]
        applied = [score for score in card.scores if score.points is not None]
        assert card.percent == pytest.approx(
            100 * sum(score.points or 0.0 for score in applied) / sum(score.max_points for score in applied), abs=0.01
        )
    assert len({card.percent for card in cards}) > 3
    again = [rubric.scorecard_json(card) for card in score_all()]
    assert [rubric.scorecard_json(card) for card in cards] == again


@pytest.mark.parametrize("at_once", [1, 100])
def test_storing(benchmark: BenchmarkFixture, conversations: list[Transcript], tmp_path: Path, at_once: int) -> None:
    """Calls are written in one transaction, and each comes back as it went in."""
    judge = rubric.load()
    judged = [(conversation, rubric.score(conversation, judge)) for conversation in conversations]
    numbers = count()

    def new_calls() -> tuple[tuple[list[Scored]], dict[str, object]]:
        return ([_scored(next(numbers), judged, judge) for _ in range(at_once)],), {}

    with Store.open(tmp_path / "qa.duckdb") as store:
        stored = benchmark.pedantic(  # type: ignore[no-untyped-call] # it has no types
            store.save_all, setup=new_calls, rounds=20 if at_once == 1 else 3
        )

        first = next(numbers) - at_once
        assert len(stored) == at_once
        for number, call in enumerate(stored, start=first):
            transcript, card = judged[number % len(judged)]
            again = store.call(call.call.call_id)
            assert again.transcript == transcript
            assert again.scorecard == card
            assert again.metadata.contact_id == f"contact-{number}"


def _scored(number: int, judged: Sequence[tuple[Transcript, Scorecard]], judge: rubric.Rubric) -> Scored:
    transcript, card = judged[number % len(judged)]
    return Scored(
        sha256=hashlib.sha256(str(number).encode()).hexdigest(),
        metadata=Metadata(recording=f"{number}.json", team="north", contact_id=f"contact-{number}"),
        kept=KeptTranscript(transcript=transcript, made_with="written"),
        scorecard=card,
        known_by=known_by(card),
        rubric=judge,
    )
