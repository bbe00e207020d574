"""Each clause of the definition of an interruption, for and against."""

from __future__ import annotations

import msgspec

from rubric.interruptions import find
from rubric.thresholds import InterruptionThresholds
from rubric.types import Interruption
from transcription.types import Engine, Interval, Speaker, Transcript, Turn

DEFAULT = InterruptionThresholds()
Said = tuple[Speaker, float, float, str]
STORY = "I have paid this bill on the third and now you tell me that"


def transcript(*said: Said) -> Transcript:
    return Transcript(
        turns=tuple(Turn(index, who, start_s, end_s, text) for index, (who, start_s, end_s, text) in enumerate(said))
    )


def recognised(*said: Said) -> Transcript:
    """The same as a recogniser writes it: its punctuation is a guess, and the speech was measured."""
    written = transcript(*said)
    speech: dict[Speaker, tuple[Interval, ...]] = {
        who: tuple(Interval(start_s, end_s) for each, start_s, end_s, _ in said if each == who)
        for who in ("agent", "customer")
    }
    return msgspec.structs.replace(written, times_from="speech", speech=speech, engine=Engine("a recogniser", "tiny"))


def found(*said: Said, thresholds: InterruptionThresholds = DEFAULT) -> tuple[Interruption, ...]:
    result = find(transcript(*said), thresholds)
    assert result.unknown is None
    return result.found


def test_cutting_a_sentence_off_is_an_interruption_with_its_proof() -> None:
    (one,) = found(("customer", 0, 10, STORY + "--"), ("agent", 9.2, 12, "Account number, please."))
    assert (one.by, one.turn, one.of_turn, one.rule) == ("agent", 1, 0, "gave_way")
    assert (one.start_s, one.end_s, one.overlap_s) == (9.2, 10, 0.8)
    assert not one.severe


def test_both_directions_are_counted() -> None:
    (one,) = found(("agent", 0, 10, "The appointment is--"), ("customer", 9.2, 12, "How long will it take, though?"))
    assert one.by == "customer"


def test_a_short_overlap_is_none() -> None:
    assert found(("customer", 0, 10, STORY + "--"), ("agent", 9.6, 12, "Account number, please.")) == ()


def test_the_threshold_is_the_rubrics() -> None:
    said: tuple[Said, Said] = (("customer", 0, 10, STORY + "--"), ("agent", 9.6, 12, "Account number, please."))
    assert len(found(*said, thresholds=InterruptionThresholds(min_overlap_s=0.3))) == 1


def test_from_a_second_of_overlap_it_is_severe() -> None:
    (one,) = found(("customer", 0, 10, STORY + "--"), ("agent", 8.9, 12, "Account number, please."))
    assert one.severe


def test_a_finished_sentence_was_not_cut_off() -> None:
    assert found(("customer", 0, 10, "I have paid this bill."), ("agent", 9.2, 12, "Account number, please.")) == ()


def test_but_over_a_second_of_overlap_whoever_holds_the_floor_has_talked_over_it() -> None:
    (one,) = found(("customer", 0, 10, "I have paid this bill."), ("agent", 8.8, 12, "Account number, please."))
    assert (one.severe, one.rule) == (True, "held_the_floor")


def test_and_whoever_does_not_hold_it_has_not() -> None:
    """A finished, and B stopped half a second later: nobody gave way unfinished, nobody held the floor."""
    assert found(("customer", 0, 10, "I have paid this bill."), ("agent", 8.8, 10.5, "Account number, please.")) == ()


def test_a_recognisers_full_stop_behind_a_cut_off_is_not_believed() -> None:
    said: tuple[Said, Said] = (("customer", 0, 10, "and I paid for the lights."), ("agent", 9.2, 12, "Your number?"))
    assert len(find(recognised(*said), DEFAULT).found) == 1


def test_a_recognised_whole_question_is_finished() -> None:
    """People answer before the end of a question; nobody is cut off by that."""
    said: tuple[Said, Said] = (
        ("agent", 0, 10, "Okay. Could you tell me the number on the bill?"),
        ("customer", 9.3, 12, "Four four one nine."),
    )
    assert find(recognised(*said), DEFAULT).found == ()


def test_a_recognised_sentence_that_must_go_on_is_not_finished() -> None:
    said: tuple[Said, Said] = (
        ("customer", 0, 10, "So do you want me to call the?"),
        ("agent", 9.3, 12, "Try us on Tuesday."),
    )
    assert len(find(recognised(*said), DEFAULT).found) == 1


def test_a_backchannel_is_none() -> None:
    """By its words, however long it overlaps."""
    assert found(("customer", 0, 10, STORY + "--"), ("agent", 8.5, 10.5, "Mm-hm. Okay. Right.")) == ()


def test_four_words_or_an_objection_are_no_backchannel() -> None:
    assert len(found(("customer", 0, 10, STORY + "--"), ("agent", 9, 11, "Okay, right, yes, sure."))) == 1
    assert len(found(("customer", 0, 10, STORY + "--"), ("agent", 9, 11, "No, no."))) == 1


def test_a_sound_too_short_to_be_a_bid_is_none() -> None:
    assert found(("customer", 0, 9.7, STORY + "--"), ("agent", 9.1, 9.75, "But you")) == ()


def test_one_who_gives_up_and_lets_the_other_speak_on_interrupted_nobody() -> None:
    """The customer neither stops within 1.5 s nor loses the floor."""
    assert found(("customer", 0, 20, STORY + "."), ("agent", 9, 11, "If you look at the bill, madam")) == ()


def test_the_other_may_take_a_while_to_stop_if_the_one_who_cut_in_holds_the_floor() -> None:
    (one,) = found(("customer", 0, 12, STORY + "--"), ("agent", 9, 15, "If you look at the bill you will see it."))
    assert one.rule == "held_the_floor"


def test_holding_the_floor_for_less_than_a_second_is_not_holding_it() -> None:
    assert found(("customer", 0, 12, STORY + "--"), ("agent", 9, 12.5, "If you look at the bill")) == ()


def test_completing_the_others_sentence_is_none() -> None:
    assert found(("customer", 0, 10, "and now there is a red, a red"), ("agent", 9.3, 11, "Red triangle, yes.")) == ()


def test_a_word_supplied_and_taken_is_a_completion() -> None:
    said: tuple[Said, Said, Said] = (
        ("customer", 0, 10, "it was like a"),
        ("agent", 9.3, 10.4, "burning smell."),
        ("customer", 10.6, 12, "Exactly, a burning smell."),
    )
    assert found(*said) == ()


def test_a_word_supplied_and_refused_is_an_interruption() -> None:
    said: tuple[Said, Said, Said] = (
        ("customer", 0, 10, "it was like a"),
        ("agent", 9.3, 10.4, "burning smell."),
        ("customer", 10.6, 12, "No, let me finish."),
    )
    assert len(found(*said)) == 1


def test_an_echo_of_a_word_without_meaning_is_no_completion() -> None:
    said: tuple[Said, Said] = (
        ("customer", 0, 10, "I was told that by one of you"),
        ("agent", 9.2, 11, "You calm down."),
    )
    assert len(found(*said)) == 1


def test_what_is_answered_with_an_objection_was_no_completion() -> None:
    said: tuple[Said, Said, Said] = (
        ("customer", 0, 10, "and you said that the"),
        ("agent", 9.2, 10.5, "Not my problem."),
        ("customer", 10.8, 12, "Right, thanks for nothing."),
    )
    assert len(found(*said)) == 1


def test_one_who_begins_in_a_silence_did_not_cut_in_though_the_other_goes_on() -> None:
    said = recognised(
        ("customer", 0, 6.3, "I have paid this bill and the"), ("agent", 5.2, 8, "Account number, please.")
    )
    speech: dict[Speaker, tuple[Interval, ...]] = {
        "customer": (Interval(0, 5), Interval(5.55, 6.3)),
        "agent": (Interval(5.2, 8),),
    }
    assert find(msgspec.structs.replace(said, speech=speech), DEFAULT).found == ()


def test_a_mark_of_the_transcript_does_not_overrule_the_rubrics_numbers() -> None:
    """What is a backchannel is the rubric's to say: a mark made when the turns were cut is not asked."""
    said = transcript(("customer", 0, 10, STORY + "--"), ("agent", 9.2, 9.9, "Your number?"))
    marked = msgspec.structs.replace(
        said, turns=(said.turns[0], msgspec.structs.replace(said.turns[1], backchannel=True))
    )
    strict = InterruptionThresholds(backchannel_max_s=0.3)
    assert [len(find(each, strict).found) for each in (said, marked)] == [1, 1]


def test_two_who_begin_together_interrupt_nobody() -> None:
    assert found(("customer", 0, 2, "So what I"), ("agent", 0.2, 4, "Right, now could you tell me the number?")) == ()


def test_an_answer_after_the_end_is_none() -> None:
    assert found(("customer", 0, 10, STORY), ("agent", 10.0, 12, "I am sorry.")) == ()


def test_over_an_upset_customers_long_turn_it_is_marked_as_venting() -> None:
    said = transcript(("customer", 0, 10, STORY + "--"), ("agent", 9.2, 12, "Account number, please."))
    assert [one.venting for one in find(said, DEFAULT, upset={0}).found] == [True]
    assert [one.venting for one in find(said, DEFAULT).found] == [False]


def test_a_short_turn_is_no_venting() -> None:
    said = transcript(("customer", 0, 5, STORY + "--"), ("agent", 4.2, 8, "Account number, please."))
    assert [one.venting for one in find(said, DEFAULT, upset={0}).found] == [False]


def test_where_the_words_of_one_are_missing_nothing_is_counted_and_the_candidate_is_shown() -> None:
    result = find(recognised(("customer", 0, 10, STORY), ("agent", 9, 12, "")), DEFAULT)
    assert result.unknown is not None
    assert result.found == ()
    assert len(result.candidates) == 1


def test_one_channel_is_unknown_and_not_zero() -> None:
    mono = Transcript(turns=(Turn(0, "unknown", 0, 10, STORY),), speakers_from=None, times_from="speech")
    assert find(mono, DEFAULT).unknown is not None


def test_the_marks_of_a_text_without_times_make_candidates_only() -> None:
    turns = (Turn(0, "customer", None, None, STORY + "--"), Turn(1, "agent", None, None, "Account number, please."))
    result = find(Transcript(turns=turns, times_from="none"), DEFAULT)
    assert result.unknown is not None
    assert [(one.by, one.turn, one.start_s) for one in result.candidates] == [("agent", 1, None)]


def test_cue_times_of_subtitles_are_not_speech() -> None:
    cues = msgspec.structs.replace(
        transcript(("customer", 0, 10, STORY + "--"), ("agent", 9, 12, "Your number?")), times_from="cues"
    )
    assert find(cues, DEFAULT).unknown is not None
