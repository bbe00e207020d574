"""From labelled turns to what we find in them: by turn in text, by overlap in sound, by row."""

from __future__ import annotations

import pytest

import qa.demo
import rubric
from benchmarks import readings
from benchmarks.gold import Conversation, GoldTurn, Row, RowTurn
from rubric import acts
from rubric.types import Act, Evidence
from transcription import formats
from transcription.types import Speaker

TURNS = (
    GoldTurn("agent", "Sorry about that.", ("apology",), start_s=0.0, end_s=4.0),
    GoldTurn("customer", "It broke.", ("problem",), start_s=3.0, end_s=6.0),
    GoldTurn("agent", "We could send another.", ("alternatives",), start_s=5.5, end_s=9.0),
)


def act(label: str, start_s: float | None, end_s: float | None, speaker: Speaker = "agent") -> Act:
    """An act whose words were said in this interval."""
    return Act(label, speaker, Evidence(0, (0, 1), "", f"{label}.rule", start_s, end_s))


@pytest.mark.parametrize(
    ("start_s", "end_s", "turn"),
    [(1.0, 2.0, 0), (3.5, 6.4, 2), (3.0, 5.6, 0), (4.2, 5.4, None), (4.0, 5.5, None), (None, None, None)],
    ids=["within", "more of the later", "more of the earlier", "between", "touching only", "no times"],
)
def test_an_act_belongs_to_the_turn_of_its_speaker_that_it_overlaps_most(
    start_s: float | None, end_s: float | None, turn: int | None
) -> None:
    """The customer's turn in between is none of the agent's; what overlaps none belongs to none."""
    assert readings.nearest(TURNS, act("apology", start_s, end_s)) == turn


def test_acts_of_sound_are_judged_over_the_true_turns() -> None:
    """One found where it is, one in another turn, one where nobody spoke: that one is counted apart."""
    found = (act("apology", 1.0, 2.0), act("refusal", 6.0, 7.0), act("validation", 20.0, 21.0))

    told, astray = readings.of_sound(Conversation("c", TURNS), found)

    assert [each.found for each in told] == [{"apology": "apology.rule"}, {}, {"refusal": "refusal.rule"}]
    assert astray == 1
    assert [[label for label, true in each.truth.items() if true] for each in told] == [
        ["apology"], ["problem"], ["alternatives"],
    ]  # fmt: skip
    assert "apology" not in told[1].truth  # no label of the agent's is asked of a customer's turn


def row(text: str, labels: dict[str, int | None], *context: RowTurn, times: tuple[float, float] | None = None) -> Row:
    """A row whose turn is the agent's."""
    start_s, end_s = times or (None, None)
    return Row("r", "g", text, dict(labels), context, start_s, end_s)


def found_in(row: Row) -> dict[str, str]:
    [reading] = readings.of_rows([row], rubric.load())
    return dict(reading.told.found)


def test_only_the_last_turn_of_a_row_is_judged() -> None:
    """What stands in the context helps to understand, and earns nothing."""
    sorry = RowTurn("agent", "I'm so sorry about that.")
    question = row("What is your name?", {"apology": 0, "question": 1}, sorry, RowTurn("customer", "Thanks."))

    assert "apology" in found_in(row(sorry.text, {"apology": 1}))
    assert "apology" not in found_in(question)
    assert "question" in found_in(question)


def test_a_row_whose_labels_nobody_tells_is_not_judged() -> None:
    """There is nothing to agree with."""
    assert list(readings.of_rows([row("Sorry.", {"apology": None, "n_annotators": 3})], rubric.load())) == []


def test_a_backchannel_is_told_by_its_words_and_where_there_are_times_by_them_too() -> None:
    """Said within the other's talk it is one, said after it is an answer."""
    talk = RowTurn("customer", "and then they told me that it had never been there", 1.0, 6.0)
    label: dict[str, int | None] = {"backchannel": 1}

    assert "backchannel" in found_in(row("mm-hm", label))
    assert "backchannel" in found_in(row("mm-hm", label, talk, times=(3.0, 3.4)))
    assert "backchannel" not in found_in(row("mm-hm", label, talk, times=(6.2, 6.6)))
    assert "backchannel" not in found_in(row("no, wait", label, talk, times=(3.0, 3.4)))


def test_an_interruption_is_told_by_the_times_of_turns() -> None:
    """One second into another's unfinished sentence, and held: by the rubric's own numbers."""
    talk = RowTurn("customer", "and then they told me that it", 1.0, 6.0)
    label: dict[str, int | None] = {"interruption": 1}
    text = "let me stop you there and look at it"

    assert found_in(row(text, label, talk, times=(5.0, 8.0)))["interruption"] == "gave_way"
    assert "interruption" not in found_in(row(text, label, talk, times=(6.5, 9.0)))
    assert "interruption" not in found_in(row(text, label, RowTurn("customer", talk.text)))


def test_turns_of_a_row_come_in_order_of_time_and_the_judged_one_is_known() -> None:
    """A turn that begins before one of its context stands before it."""
    turns = [RowTurn("customer", "one", 1.0, 2.0), RowTurn("other", "three", 3.0, 4.0), RowTurn("agent", "two", 2, 5)]

    transcript, at = readings.transcript_of(turns)

    assert [(turn.text, turn.speaker) for turn in transcript.turns] == [
        ("one", "customer"), ("two", "agent"), ("three", "unknown"),
    ]  # fmt: skip
    assert (at, transcript.times_from) == (1, "turns")


def rows_of(talk: list[RowTurn], judged: list[int]) -> list[Row]:
    """Rows as corpora have them: the judged turns, each with up to six before it."""
    return [Row(str(at), "g", talk[at].text, {"question": 0}, tuple(talk[max(0, at - 6) : at])) for at in judged]


def test_a_conversation_is_rebuilt_from_its_rows() -> None:
    """Every turn stands once and in order: where turns repeat, and where more than six lie between two rows."""
    texts = ["Hello.", "Hi.", "Mm-hm.", "Yes.", "Mm-hm.", "Yes.", "So you quit?", "I did.", "Mm-hm.", "Yes.", "Good."]
    talk = [RowTurn(("agent", "customer")[at % 2], text) for at, text in enumerate(texts)]

    assert readings.rebuilt(rows_of(talk, [0, 2, 4, 6, 8, 10])) == talk
    assert readings.rebuilt(rows_of(talk, [0, 10])) == [talk[0], *talk[4:]]  # three stand in no row


def test_percents_are_those_of_whole_conversations() -> None:
    """One for each whose rows tell the quality; the others have none to compare."""
    talk = [
        RowTurn("agent", "What happened?"),
        RowTurn("customer", "My heating broke down and I'm so worried about my kids in this cold."),
        RowTurn("agent", "So your heating is broken and you're worried about the kids. That must be awful."),
        RowTurn("customer", "Yes, exactly."),
    ]
    rows = rows_of(talk, [0, 2])
    high = [Row(each.id, "high", each.text, each.labels, each.context, meta={"mi_quality": "high"}) for each in rows]
    judge = rubric.load()

    [(percent, is_high)] = readings.percents([*high, *rows], judge)

    assert is_high
    assert percent == rubric.score(readings.transcript_of(talk[:3])[0], judge).percent


def test_a_transcript_read_turn_by_turn_is_the_same_as_read_at_once() -> None:
    """What is read once and kept for the context of other rows gives the same acts."""
    for path in sorted(qa.demo.FOLDER.glob("conversations/*.json"))[:6]:
        transcript = formats.read(path)
        assert acts.judge(transcript, readings.said(transcript)) == rubric.find_acts(transcript)
