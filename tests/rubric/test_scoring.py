"""Scorecards: the arithmetic, doubts before criteria, verdicts with their proof, and the same bytes again."""

from __future__ import annotations

import msgspec
import pytest

import rubric
from rubric.scoring import arithmetic
from rubric.types import Score, Scorecard, Verdict
from tests.rubric.talk import Said, call, score_of, verdict
from transcription.types import Doubt, Speaker, Transcript, Turn, Word

UPSET: tuple[Speaker, str] = (
    "customer",
    "I'm really upset. My order never came and I'm furious, I've been on hold for an hour with a baby.",
)
GREETING: tuple[Speaker, str] = ("agent", "Thank you for calling Larch Homeware, how can I help you?")
MORE: tuple[Speaker, str] = ("customer", "I ordered a cot on Monday and nothing came, and now I can't reach anyone.")


def made(points: float | None, max_points: float, verdict: Verdict) -> Score:
    return Score("x", "?", verdict, points, max_points, "")


def test_the_worked_example() -> None:
    """Weights 40, 40, 20, earned 40, 0, 20 are 60 %; with the second not applicable 100 %."""
    first, third = made(40, 40, "met"), made(20, 20, "met")
    assert arithmetic([first, made(0, 40, "missed"), third], 0.6)[:2] == (60.0, 1.0)
    assert arithmetic([first, made(None, 40, "not_applicable"), third], 0.6)[:2] == (100.0, 1.0)


def test_not_scorable_lowers_the_coverage_and_under_the_floor_there_is_no_percent() -> None:
    """Not scorable leaves the percent but not the coverage; under 60 % there is no percent, and a reason."""
    scores = [made(20, 40, "partly"), made(None, 20, "not_scorable"), made(None, 40, "not_applicable")]
    assert arithmetic(scores, 0.6)[:2] == (50.0, 0.6667)
    percent, coverage, reasons = arithmetic([made(40, 40, "met"), made(None, 60, "not_scorable")], 0.6)
    assert (percent, coverage) == (None, 0.4)
    assert "40%" in reasons[0]


def test_nothing_applied_is_no_percent() -> None:
    """Without any occasion there is neither percent nor coverage."""
    assert arithmetic([made(None, 40, "not_applicable")], 0.6)[:2] == (None, None)


def test_validation_is_met_with_its_words_as_proof() -> None:
    """An acknowledgement soon after the feeling is met, and the evidence quotes it."""
    card = rubric.score(
        call(
            GREETING,
            UPSET,
            ("agent", "An hour on hold with a baby, that must have been awful. I can see why you're furious."),
            MORE,
            ("agent", "No wonder you've had enough. Leave it with me, I'm going to get this sorted for you today."),
            ("customer", "Thank you so much, that's such a relief."),
        ),
        rubric.load(),
    )
    score = score_of(card, "validates")
    assert score.verdict == "met"
    assert score.evidence[0].turn == 2
    assert score.occasions[0].answered_by == score.evidence[0]


def test_a_set_phrase_alone_earns_nothing() -> None:
    """A phrase that names neither feeling nor trouble is no validation."""
    card = rubric.score(
        call(GREETING, UPSET, ("agent", "I hear you. Can I take your order number?"), MORE), rubric.load()
    )
    assert verdict(card, "validates") == "missed"


def test_no_acknowledgement_is_missed_and_names_the_moment() -> None:
    """Missed shows the occasion that went by."""
    card = rubric.score(call(GREETING, UPSET, ("agent", "What's the order number?"), MORE), rubric.load())
    score = score_of(card, "validates")
    assert score.verdict == "missed"
    assert score.occasions[0].evidence.turn == 1


def test_no_feeling_is_not_applicable() -> None:
    """Without feeling or trouble there is nothing to acknowledge."""
    card = rubric.score(
        call(GREETING, ("customer", "What time do you close?"), ("agent", "At six."), ("customer", "Okay, thanks.")),
        rubric.load(),
    )
    assert verdict(card, "validates") == "not_applicable"


def test_a_problem_put_back_is_paraphrased_and_else_missed() -> None:
    """Putting the problem back is met; never doing so is missed."""
    back: tuple[Speaker, str] = (
        "agent",
        "So you ordered a cot on Monday, nothing came, and you can't reach anyone. Is that right?",
    )
    assert verdict(rubric.score(call(GREETING, UPSET, MORE, back), rubric.load()), "paraphrases") == "met"
    asked: tuple[Speaker, str] = ("agent", "What's the order number?")
    assert verdict(rubric.score(call(GREETING, UPSET, MORE, asked), rubric.load()), "paraphrases") == "missed"


def test_a_no_with_another_way_and_without() -> None:
    """Refusing and offering another way is met; refusing alone is missed."""
    wish: tuple[Speaker, str] = ("customer", "Can you deliver it today?")
    kind: tuple[Speaker, str] = (
        "agent",
        "I'm afraid we can't deliver today. I could send it tomorrow morning instead, or you could collect it.",
    )
    blunt: tuple[Speaker, str] = ("agent", "No, we can't deliver today.")
    assert verdict(rubric.score(call(GREETING, MORE, wish, kind), rubric.load()), "offers_alternatives") == "met"
    assert verdict(rubric.score(call(GREETING, MORE, wish, blunt), rubric.load()), "offers_alternatives") == "missed"


def test_the_same_sentence_of_empathy_earns_once() -> None:
    """A phrase said again is no further proof."""
    stock: tuple[Speaker, str] = ("agent", "I understand how frustrating that is.")
    card = rubric.score(call(GREETING, UPSET, stock, UPSET, stock, UPSET, stock), rubric.load())
    said = [each for each in score_of(card, "validates").evidence if each.rule.startswith("validation.")]
    assert len(said) == 1


def bars(card: Scorecard) -> bool:
    return card.percent is None and all(score.verdict == "not_scorable" for score in card.scores)


def test_unknown_speakers_are_not_scorable() -> None:
    """One channel with both voices: nothing that needs two speakers is judged."""
    mono = msgspec.structs.replace(call(("unknown", "Hello there, my order never came.")), speakers_from=None)
    card = rubric.score(mono, rubric.load())
    assert bars(card)
    assert card.flags == ("one_channel",)


def test_another_language_is_not_scorable() -> None:
    """A Spanish call has no missed criteria and no percent."""
    card = rubric.score(msgspec.structs.replace(call(GREETING, UPSET), language="es"), rubric.load())
    assert bars(card)
    assert "other_language" in card.flags


@pytest.mark.parametrize(("probability", "scored"), [(0.9, True), (0.54, False)])
def test_words_of_low_probability_are_not_scorable(*, probability: float, scored: bool) -> None:
    """Fluent nonsense at low word probability is judged by nobody."""
    plain = call(GREETING, UPSET, ("agent", "What's the order number?"), MORE)
    turns = tuple(
        msgspec.structs.replace(turn, words=tuple(Word(text, 0.0, 0.1, probability) for text in turn.text.split()))
        for turn in plain.turns
    )
    card = rubric.score(msgspec.structs.replace(plain, turns=turns), rubric.load())
    assert bars(card) is not scored
    assert ("low_confidence" in card.flags) is not scored


def test_one_speaker_understood_badly_is_enough() -> None:
    """A mean over both would judge the agent by words that nobody said."""
    sure: dict[Speaker, float] = {"agent": 0.4, "customer": 0.98}
    heard = call(GREETING, UPSET, ("agent", "I can send a new one today if that suits you."), MORE)
    turns = tuple(
        msgspec.structs.replace(
            turn, words=tuple(Word(text, 0.0, 0.1, sure[turn.speaker]) for text in turn.text.split())
        )
        for turn in heard.turns
    )
    card = rubric.score(msgspec.structs.replace(heard, turns=turns), rubric.load())
    assert "low_confidence" in card.flags
    assert card.percent is None


def test_what_cannot_be_judged_is_not_counted_either() -> None:
    """Who cut in on whom is a candidate and not a number where the whole call is in doubt."""
    cut = call(GREETING, UPSET, MORE)
    turns = (
        *cut.turns[:2],
        Turn(2, "agent", 10.5, 14.0, "What is the number of the order, please?"),
        msgspec.structs.replace(cut.turns[2], index=3, start_s=15.0, end_s=19.0),
    )
    heard = msgspec.structs.replace(cut, turns=turns)
    assert rubric.score(heard, rubric.load()).interruptions.unknown is None
    doubtful = msgspec.structs.replace(heard, doubts=(Doubt("unheard_speech", "a whisper", "agent"),))
    between = rubric.score(doubtful, rubric.load()).interruptions
    assert (between.found, between.unknown) == ((), "a whisper")


def test_unheard_speech_is_not_scorable() -> None:
    """Where one channel was not heard, nothing is held against anybody."""
    doubt = Doubt("unheard_speech", "The agent's channel has speech that was not heard.", "agent")
    card = rubric.score(msgspec.structs.replace(call(GREETING, UPSET), doubts=(doubt,)), rubric.load())
    assert bars(card)
    assert card.flags == ("unheard_speech",)


def test_written_without_times_is_judged_by_its_words() -> None:
    """A chat has no overlap; listening is judged by whether the agent understood before fixing."""
    chat = msgspec.structs.replace(
        call(GREETING, UPSET, MORE, ("agent", "So the cot you ordered on Monday never came?"), ("customer", "Yes.")),
        times_from="none", medium="chat",
    )  # fmt: skip
    assert verdict(rubric.score(chat, rubric.load()), "listens") == "met"


def test_a_voice_call_without_times_cannot_be_judged_for_listening() -> None:
    """No times of speech: who cut in on whom is not known, and not zero."""
    spoken = msgspec.structs.replace(call(GREETING, UPSET, MORE), times_from="none")
    assert verdict(rubric.score(spoken, rubric.load()), "listens") == "not_scorable"


def test_cutting_in_again_and_again_is_missed() -> None:
    """An agent who talks over an upset customer three times doesn't listen."""
    turns: list[Turn] = [Turn(0, "agent", 0.0, 3.0, "Larch Homeware, how can I help?")]
    for number in range(3):
        start = 4.0 + 20 * number
        turns += [
            Turn(
                len(turns), "customer", start, start + 10, "I'm furious, my cot never came and I have been waiting for"
            ),
            Turn(
                len(turns) + 1,
                "agent",
                start + 9,
                start + 14,
                "Okay so what you need to do is read me the order number.",
            ),
        ]
    card = rubric.score(Transcript(turns=tuple(turns), language="en", times_from="turns"), rubric.load())
    score = score_of(card, "listens")
    assert score.verdict == "missed"
    assert len([each for each in score.evidence if each.rule.startswith("interruption.")]) == 3
    assert score.thresholds["min_overlap_s"] == 0.5


def test_scoring_again_gives_the_same_bytes() -> None:
    """The same transcript, rubric and scorer give the same scorecard to the byte."""
    transcript = call(GREETING, UPSET, ("agent", "That must have been awful."), MORE)
    once = rubric.scorecard_json(rubric.score(transcript, rubric.load()))
    again = rubric.scorecard_json(rubric.score(transcript, rubric.load()))
    assert once == again
    assert msgspec.json.decode(once, type=Scorecard).scorer == rubric.scorer_version()


def test_evidence_quotes_the_words_that_it_counts() -> None:
    """A quote is the turn's words in the given range."""
    transcript = call(GREETING, UPSET, ("agent", "Um, I'm, I'm so sorry about that, that must have been awful."), MORE)
    for act in rubric.find_acts(transcript):
        first, last = act.evidence.words
        assert " ".join(transcript.turns[act.evidence.turn].text.split()[first:last]) == act.evidence.quote


def test_a_customer_who_says_nothing_gives_no_percent() -> None:
    """A message left, or a channel that was dead: nothing called for what the rubric asks."""
    said: Said = ("agent", "Good morning, this is Priya from Larch Homeware, I am calling about your order of Monday.")
    card = rubric.score(call(said), rubric.load())
    assert card.percent is None
    reason = "The customer says nothing, so there is nothing that the agent could have answered to."
    assert {score.reason for score in card.scores} == {reason}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (
            "Buenos días, gracias por llamar, dígame en qué le puedo ayudar hoy con su pedido.",
            "Hola, tengo un problema con mi pedido, no ha llegado todavía y estoy muy enfadado con ustedes.",
            "The words do not read as English, and this rubric is for English.",
        ),
        ("... !!! ---", "?? ... ''", "Nobody says anything."),
        (
            "🚗 🚗",
            "Hello, where is my order? It never came.",
            "The agent says nothing, so there is nothing of theirs to judge.",
        ),
    ],
    ids=["spanish", "marks", "faces"],
)
def test_what_cannot_be_read_is_not_judged(one: str, other: str, reason: str) -> None:
    """Whatever the transcript says of its language."""
    for language in ("en", None):
        transcript = msgspec.structs.replace(call(("agent", one), ("customer", other)), language=language)
        card = rubric.score(transcript, rubric.load())
        assert card.percent is None
        assert {score.reason for score in card.scores} == {reason}
