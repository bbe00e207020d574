"""Measures: each worked out by hand on a few turns, and None where it cannot be known."""

from __future__ import annotations

import msgspec
import pytest

import rubric
from rubric.measures import phrases
from rubric.types import Act, Evidence, Measures, Scorecard
from transcription.types import Doubt, Interval, Speaker, Transcript, Turn, Word

Spoken = tuple[Speaker, float, float, str]
replace = msgspec.structs.replace

STORY = "The parcel went to number nine again and the man there knows nothing of it."  # 15 words
ANSWER = "It left the depot on Monday and the driver marked it as handed over there."  # 15 words

OF_TIME = {
    "agent_talk_share", "agent_longest_monologue_s", "customer_longest_monologue_s", "agent_answer_s",
    "customer_answer_s", "silences", "silence_s", "explained_silences", "explained_silence_s",
    "agent_words_per_minute", "customer_words_per_minute", "pace_ratio", "pace_following",
}  # fmt: skip
OF_SILENCE = {"silences", "silence_s"}


def talk(*turns: Spoken) -> Transcript:
    """A labelled telephone call: the times of its turns stand for speech."""
    made = (Turn(index, speaker, start, end, text) for index, (speaker, start, end, text) in enumerate(turns))
    return Transcript(turns=tuple(made), language="en", times_from="turns")


def chat(*messages: tuple[Speaker, str]) -> Transcript:
    made = (Turn(index, speaker, None, None, text) for index, (speaker, text) in enumerate(messages))
    return Transcript(turns=tuple(made), language="en", times_from="none", medium="chat")


def measured(transcript: Transcript) -> Measures:
    measures = rubric.score(transcript, rubric.load()).measures
    assert measures is not None
    return measures


def known(measures: Measures) -> set[str]:
    return {name for name, value in msgspec.structs.asdict(measures).items() if value is not None}


def test_talk_share_is_of_both_speakers_speech_and_an_overlap_counts_for_both() -> None:
    """The agent speaks 4 + 5 = 9 s, the customer 6 s, one of them at once: 9 of 15."""
    found = measured(talk(("agent", 0.0, 4.0, ANSWER), ("customer", 5.0, 11.0, STORY), ("agent", 10.0, 15.0, ANSWER)))
    assert found.agent_talk_share == 0.6


def test_a_monologue_goes_on_over_backchannels_and_short_pauses() -> None:
    """10 s to 31 s: "Okay." behind a statement breaks nothing, and neither does a pause of 3 s."""
    found = measured(
        talk(
            ("customer", 0.0, 9.0, STORY),
            ("agent", 10.0, 18.0, ANSWER),
            ("customer", 18.5, 19.0, "Okay."),
            ("agent", 19.5, 24.0, ANSWER),
            ("agent", 27.0, 31.0, ANSWER),
        )
    )
    assert (found.agent_longest_monologue_s, found.customer_longest_monologue_s) == (21.0, 9.0)


def test_a_marked_backchannel_inside_the_talk_breaks_nothing() -> None:
    """The same "That's it" breaks the talk where nothing marks it."""
    turns = talk(("customer", 0.0, 20.0, STORY), ("agent", 8.0, 8.6, "That's it"), ("agent", 21.0, 22.0, "I see it."))
    assert measured(turns).customer_longest_monologue_s == pytest.approx(20.0 - 8.6)
    marked = replace(turns, turns=(turns.turns[0], replace(turns.turns[1], backchannel=True), turns.turns[2]))
    assert measured(marked).customer_longest_monologue_s == 20.0


@pytest.mark.parametrize(
    ("between", "longest_s"),
    [
        ((), 4.0),  # over 3 s of silence
        ((("customer", 4.5, 5.0, "Yes."),), 5.0),  # an answer to a question is no backchannel
        ((("customer", 4.5, 6.0, "I never got that letter."),), 5.0),
    ],
)
def test_a_monologue_ends_where_the_other_speaks_or_nobody_does(between: tuple[Spoken, ...], longest_s: float) -> None:
    """4 s of talk, something else, then other talk."""
    after = 7.5 if not between else 6.5
    turns = talk(
        ("agent", 0.0, 4.0, "Is that the address you have now?"), *between, ("agent", after, after + longest_s, ANSWER)
    )
    assert measured(turns).agent_longest_monologue_s == longest_s


def test_the_time_to_answer_is_the_median_gap_and_an_overlap_took_no_time() -> None:
    """The agent answers after 0.4 s, at once (0.5 s of overlap: 0), and after 1.2 s; the customer after 2 s and 3 s."""
    found = measured(
        talk(
            ("customer", 0.0, 5.0, STORY),
            ("agent", 5.4, 8.0, ANSWER),
            ("customer", 10.0, 15.0, STORY),
            ("agent", 14.5, 20.0, ANSWER),
            ("customer", 23.0, 28.0, STORY),
            ("agent", 29.2, 33.0, ANSWER),
        )
    )
    assert (found.agent_answer_s, found.customer_answer_s) == (0.4, 2.5)


def test_what_ends_inside_the_others_talk_is_no_answer() -> None:
    """The customer talks from 0 to 20, whatever the agent puts in; the answer comes at 21."""
    found = measured(talk(("customer", 0.0, 20.0, STORY), ("agent", 8.0, 10.0, ANSWER), ("agent", 21.0, 25.0, ANSWER)))
    assert (found.agent_answer_s, found.customer_answer_s) == (1.0, None)


def test_a_backchannel_is_no_answer() -> None:
    """The agent's "Okay." comes after 0.2 s, the answer after 5 s: the customer had to wait 5 s."""
    found = measured(
        talk(("customer", 0.0, 10.0, STORY), ("agent", 10.2, 10.6, "Okay."), ("agent", 15.0, 20.0, ANSWER))
    )
    assert found.agent_answer_s == 5.0


def test_silences_are_counted_from_three_seconds_on_and_explained_ones_told_apart() -> None:
    """10 s after "bear with me", 8 s more of it with only an "okay" between, then 4 s that nothing explains."""
    found = measured(
        talk(
            ("customer", 0.0, 5.0, STORY),
            ("agent", 5.5, 8.0, "Bear with me while I look at the order."),
            ("customer", 18.0, 18.5, "Okay."),
            ("agent", 26.5, 31.5, ANSWER),
            ("customer", 34.5, 40.0, STORY),  # 3.0 s: not over 3 s
            ("agent", 44.0, 48.0, ANSWER),
        )
    )
    assert (found.silences, found.silence_s) == (3, 22.0)
    assert (found.explained_silences, found.explained_silence_s) == (2, 18.0)


def test_an_explanation_is_used_up_by_what_the_agent_says_after_it() -> None:
    """Asking to wait and then speaking of other things explains no silence, in one turn or in two."""
    within = "Bear with me one moment. It left on Monday. The driver had two parcels. One is here."
    for turns in (
        [("agent", 5.5, 14.0, within)],
        [("agent", 5.5, 9.0, "Bear with me one moment."), ("agent", 10.0, 14.0, ANSWER)],
    ):
        found = measured(talk(("customer", 0.0, 5.0, STORY), *turns, ("customer", 20.0, 25.0, STORY)))  # type: ignore[arg-type]
        assert (found.silences, found.explained_silences) == (1, 0)


def test_a_customer_who_asks_to_wait_explains_the_silence_and_one_who_was_on_hold_does_not() -> None:
    """What asks to wait is told apart from "I was on hold for an hour"."""
    for said, explained in (("Hang on please, I am getting the card.", 1), ("I was on hold for an hour.", 0)):
        found = measured(talk(("agent", 0.0, 5.0, ANSWER), ("customer", 5.5, 8.0, said), ("agent", 16.0, 20.0, ANSWER)))
        assert (found.silences, found.silence_s, found.explained_silences) == (1, 8.0, explained)


def test_no_silence_is_known_to_be_none() -> None:
    """A call without a pause has 0 silences, which is not the same as not knowing."""
    found = measured(talk(("agent", 0.0, 5.0, ANSWER), ("customer", 5.5, 9.0, STORY)))
    assert (found.silences, found.silence_s, found.explained_silences, found.explained_silence_s) == (0, 0.0, 0, 0.0)


def test_words_per_minute_go_by_the_speakers_own_speech() -> None:
    """The agent says 15 words in 6 s of speech, pauses apart: 150; the customer 15 in 7.5 s: 120; 150/120 = 1.25."""
    turns = (
        Turn(0, "customer", 0.0, 9.0, STORY, words=()),
        Turn(1, "agent", 10.0, 18.0, ANSWER, words=()),
        Turn(2, "agent", 20.0, 22.0, ""),  # speech whose words were not caught
    )
    speech: dict[Speaker, tuple[Interval, ...]] = {
        "customer": (Interval(0.0, 5.0), Interval(6.5, 9.0)),
        "agent": (Interval(10.0, 13.0), Interval(15.0, 18.0), Interval(20.0, 22.0)),
    }
    found = measured(
        Transcript(turns=turns, language="en", speakers_from="channels", times_from="speech", speech=speech)
    )
    assert (found.agent_words_per_minute, found.customer_words_per_minute, found.pace_ratio) == (150.0, 120.0, 1.25)
    assert found.agent_talk_share == round(8 / 15.5, 4)


def test_under_ten_words_tell_no_pace() -> None:
    found = measured(talk(("customer", 0.0, 5.0, STORY), ("agent", 6.0, 8.0, "It left on Monday, as - I see.")))
    assert (found.agent_words_per_minute, found.customer_words_per_minute) == (None, 180.0)
    assert found.pace_ratio is None


def exchanges(*paces: tuple[float, float]) -> Transcript:
    """For each pair a turn of the customer's and one of the agent's that last so long, 15 words each."""
    turns: list[Spoken] = []
    now = 0.0
    for customer_s, agent_s in paces:
        turns += [
            ("customer", now, now + customer_s, STORY),
            ("agent", now + customer_s + 0.5, now + customer_s + 0.5 + agent_s, ANSWER),
        ]
        now += customer_s + agent_s + 1.0
    return talk(*turns)


def test_an_agent_who_goes_along_with_the_customers_pace_follows() -> None:
    """The same pace as the customer's turn before, eight times: a correlation of 1; the other way round, -1."""
    customer = [5.0, 6.0, 7.5, 9.0, 4.5, 10.0, 7.5, 6.0]
    along = measured(exchanges(*((each, each) for each in customer)))
    assert (along.pace_following, along.pace_ratio) == (1.0, 1.0)
    # 900/s words per minute is 60 to 200; 260 less that goes the other way
    against = measured(exchanges(*((each, 900 / (260 - 900 / each)) for each in customer)))
    assert against.pace_following == -1.0


def test_under_eight_pairs_or_without_any_change_following_is_not_known() -> None:
    assert measured(exchanges(*[(5.0, 5.0), (6.0, 6.0)] * 3, (7.0, 7.0))).pace_following is None
    assert measured(exchanges(*[(5.0, 5.0)] * 8)).pace_following is None


UPSET = "I'm really upset, I'm furious about this."
THANKS = "Oh thank you so much, that's wonderful, you've been brilliant."
FLAT = "The second one went to number nine in that street."


def test_mood_is_that_of_the_first_and_last_third_of_the_customers_turns() -> None:
    """Of six turns two are the start (upset, upset) and two the end (flat, glad)."""
    said = [UPSET, UPSET, FLAT, UPSET, FLAT, THANKS]
    found = measured(chat(*(each for text in said for each in (("agent", ANSWER), ("customer", text)))))
    assert (found.mood_start, found.mood_end) == (-1.0, 1.0)


def test_mood_is_between_where_both_show_and_neutral_where_nothing_does() -> None:
    """Glad and upset in one half each are 0; so are words without feeling."""
    found = measured(chat(("customer", FLAT), ("agent", ANSWER), ("customer", f"{THANKS} But {UPSET}")))
    assert (found.mood_start, found.mood_end) == (0.0, 0.0)


def test_who_says_too_little_has_no_mood() -> None:
    """One turn has no end that is not its start; "No. Bye." shows nothing."""
    once = measured(chat(("customer", UPSET), ("agent", ANSWER)))
    assert (once.mood_start, once.mood_end) == (None, None)
    short = measured(chat(("customer", UPSET), ("agent", ANSWER), ("customer", "No. Bye.")))
    assert (short.mood_start, short.mood_end) == (-1.0, None)


def stock(*said: str) -> float | None:
    return measured(chat(("customer", UPSET), *(("agent", text) for text in said))).stock_phrase_share


@pytest.mark.parametrize(
    "said",
    [
        "I'm so sorry for the inconvenience.",
        "I completely understand your frustration.",
        "I'm so sorry to hear that, Mrs Bell.",
        "I hear you.",
        "I'll get this sorted for you right now.",
    ],
)
def test_what_could_be_said_to_anybody_is_a_stock_phrase(said: str) -> None:
    assert stock(said) == 1.0


@pytest.mark.parametrize(
    "said",
    [
        "I'm so sorry the cot never came.",
        "Three hours on hold with a baby must have been awful.",
        "I understand you're furious about the cot.",
    ],
)
def test_what_names_the_customers_own_trouble_is_none(said: str) -> None:
    assert stock(said) == 0.0


def test_the_same_sentence_again_is_a_stock_phrase_though_it_names_something() -> None:
    """Of three sentences the second is the first again: a third."""
    share = stock(
        "I'm so sorry the cot never came.", "I am really sorry the cot never came.", "I'm sorry about the baby."
    )
    assert share == round(1 / 3, 4)


def test_one_sentence_that_shows_two_acts_counts_once() -> None:
    """An apology and a set phrase in one sentence, beside one of its own: a half."""
    card = rubric.score(
        chat(("customer", UPSET), ("agent", "I'm so sorry to hear that."), ("agent", "I'm sorry the cot never came.")),
        rubric.load(),
    )
    assert sorted(act.label for act in card.acts if act.evidence.turn == 1) == ["apology", "validation_weak"]
    assert card.measures is not None
    assert card.measures.stock_phrase_share == 0.5


def test_without_empathy_there_is_no_share_of_it() -> None:
    assert stock("What is the order number?") is None


def test_a_sentence_is_known_again_whatever_pads_it_and_whoever_it_is_said_to() -> None:
    """What the store keeps of an act of empathy is the same for the same sentence, and None for other acts."""

    def known_by(quote: str, label: str = "apology") -> str | None:
        return phrases.known_by(Act(label, "agent", Evidence(0, (0, 1), quote, "apology.sorry-for")))

    assert known_by("I'm so sorry to hear that, Mr. Bell.") == known_by("I am really sorry to hear that.")
    assert known_by("I'm so sorry to hear that.") != known_by("I'm so sorry the cot never came.")
    assert known_by("I'm so sorry.", "refusal") is None


CALL = talk(
    ("agent", 0.0, 5.0, ANSWER),
    ("customer", 5.5, 10.0, UPSET),
    ("agent", 10.5, 15.0, "I'm so sorry the cot never came."),
    ("customer", 19.0, 24.0, STORY),
)


def test_what_can_be_known_is_known() -> None:
    """All but whether the agent follows, which takes more turns."""
    assert known(measured(CALL)) == set(Measures.__struct_fields__) - {"pace_following"}


@pytest.mark.parametrize("times_from", ["cues", "none"])
def test_without_times_of_speech_only_words_are_measured(times_from: str) -> None:
    """Neither the times of subtitles nor none at all say when anybody spoke; a chat has no pauses."""
    found = measured(replace(CALL, times_from=times_from))
    assert known(found) == {"mood_start", "mood_end", "stock_phrase_share"}
    assert known(measured(replace(CALL, medium="chat"))) == {"mood_start", "mood_end", "stock_phrase_share"}


def test_a_turn_without_its_time_leaves_all_times_unknown() -> None:
    """Where one turn might have been anywhere, no gap is sure."""
    some = replace(CALL, turns=(*CALL.turns[:3], replace(CALL.turns[3], start_s=None, end_s=None)))
    assert known(measured(some)) & OF_TIME == set()


def test_on_one_channel_only_silence_is_known() -> None:
    """When nobody spoke is known without knowing who did."""
    turns = tuple(replace(turn, speaker="unknown") for turn in CALL.turns)
    found = measured(replace(CALL, turns=turns, speakers_from=None))
    assert known(found) == OF_SILENCE
    assert (found.silences, found.silence_s) == (1, 4.0)


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("dead_channel", set()),
        ("unheard_speech", set()),
        ("fragment", set()),
        ("channels_swapped", OF_SILENCE),
        ("low_confidence", OF_TIME),
        ("other_language", OF_TIME),
        ("truncated", OF_TIME | {"mood_start", "mood_end", "stock_phrase_share"}),
    ],
)
def test_a_doubt_leaves_unknown_what_rests_on_it(code: str, left: set[str]) -> None:
    """Sound that was not heard leaves nothing; exchanged speakers only silence; bad words only times."""
    of_words = {"explained_silences", "explained_silence_s", "agent_words_per_minute", "customer_words_per_minute"}
    doubted = left - of_words - {"pace_ratio"} if code in {"low_confidence", "other_language"} else left
    found = measured(replace(CALL, doubts=(Doubt(code, "It is doubtful."),)))
    assert known(found) == doubted - {"pace_following"}


def test_an_agent_who_never_speaks_has_no_measures_of_their_own() -> None:
    """The customer's stay: a share of 0 is known, a monologue or an answer that is not there is not."""
    found = measured(talk(("customer", 0.0, 6.0, STORY), ("customer", 7.0, 13.0, UPSET)))
    assert (found.agent_talk_share, found.customer_longest_monologue_s) == (0.0, 13.0)
    assert (found.agent_longest_monologue_s, found.agent_answer_s, found.agent_words_per_minute) == (None, None, None)


def test_measures_rest_on_the_voice_and_not_on_the_recogniser() -> None:
    """The recogniser stretches a word over a silence; speech says that nobody spoke for 6 s."""
    stretched = (Word("It", 0.0, 9.0, 0.9), Word("left.", 9.0, 9.5, 0.9))
    turns = (Turn(0, "agent", 0.0, 9.5, "It left.", stretched), Turn(1, "customer", 10.0, 14.0, STORY))
    speech: dict[Speaker, tuple[Interval, ...]] = {
        "agent": (Interval(0.0, 2.0), Interval(8.0, 9.5)),
        "customer": (Interval(10.0, 14.0),),
    }
    found = measured(
        Transcript(turns=turns, language="en", speakers_from="channels", times_from="speech", speech=speech)
    )
    assert (found.silences, found.silence_s, found.agent_longest_monologue_s) == (1, 6.0, 2.0)


def test_a_scorecard_reads_back_to_the_same_bytes() -> None:
    """Every measure keeps its kind, so that 0 seconds are not 0 of something counted."""
    silent = talk(("agent", 0.0, 5.0, ANSWER), ("customer", 5.5, 9.0, UPSET), ("agent", 9.0, 11.0, "I hear you."))
    for transcript in (CALL, silent, chat(("customer", UPSET), ("agent", ANSWER))):
        card = rubric.score(transcript, rubric.load())
        fields = msgspec.structs.fields(Measures)
        assert card.measures is not None
        for field in fields:
            value = getattr(card.measures, field.name)
            assert value is None or type(value) is (int if "int" in str(field.type) else float), field.name
        encoded = rubric.scorecard_json(card)
        assert rubric.scorecard_json(msgspec.json.decode(encoded, type=Scorecard)) == encoded
