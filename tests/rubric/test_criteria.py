"""Every criterion of the default rubric gives each of its verdicts, with the words that prove it and a reason."""

from __future__ import annotations

import re

import msgspec
import pytest

import rubric
from rubric.types import Scorecard, Verdict
from tests.rubric.cases import NOBODY, Case, cases
from tests.rubric.talk import Said, call, judged, read, score_of
from transcription.types import Transcript

CASES = cases()
IDS = [f"{criterion}-{case.verdict}: {case.name}" for criterion, case in CASES]

HELLO: Said = ("agent", "Larch Homeware, how can I help?")
FURIOUS: Said = ("customer", "I'm furious. The cot never came and I've been on hold for an hour.")

# Always asked, so that there is an occasion in every conversation.
ALWAYS = {"personalises", "respects"}
# What these ask can be unknown in a conversation that can be judged otherwise.
UNKNOWN = {"listens", "response_time", "first_contact"}


@pytest.mark.parametrize(("criterion", "case"), CASES, ids=IDS)
def test_the_verdict_with_its_proof(criterion: str, case: Case) -> None:
    """The verdict, its reason, the words that prove it and no others, and the moments that called for it."""
    score = judged(case.transcript, criterion)
    assert score.verdict == case.verdict
    assert case.reason in score.reason
    proved = {each.turn for each in score.evidence}
    assert proved == {turn for turn, _, _ in case.shows}
    for turn, words, family in case.shows:
        mine = [each for each in score.evidence if each.turn == turn]
        assert any(words in each.quote and each.rule.startswith(family) for each in mine), mine
    called = {
        (each.evidence.turn, each.kind, each.answered_by.turn if each.answered_by else NOBODY)
        for each in score.occasions
    }
    assert set(case.occasions) <= called
    assert bool(case.occasions) == bool(called)


def test_every_criterion_gives_each_of_its_verdicts() -> None:
    """Met, partly and missed for each; not applicable unless it is always asked; not scorable where that can be.

    Beside these, what bars the whole conversation makes every criterion not scorable.
    """
    everywhere: set[Verdict] = {"met", "partly", "missed"}
    expected = {
        criterion.id: everywhere
        | (set() if criterion.id in ALWAYS else {"not_applicable"})
        | ({"not_scorable"} if criterion.id in UNKNOWN else set())
        for criterion in rubric.load().criteria
    }
    given: dict[str, set[str]] = {}
    for criterion, case in CASES:
        given.setdefault(criterion, set()).add(case.verdict)
    assert given == expected


@pytest.mark.parametrize(("criterion", "case"), CASES, ids=IDS)
def test_what_bars_the_conversation_bars_each_verdict(criterion: str, case: Case) -> None:
    """Said to be in Spanish, the same conversation proves nothing: not scorable, no points, and it is said why."""
    score = judged(msgspec.structs.replace(case.transcript, language="es"), criterion)
    assert (score.verdict, score.points, score.evidence, score.occasions) == ("not_scorable", None, (), ())
    assert score.reason == "The call is in another language (es); this rubric is for en."


def test_whatever_is_said_the_evidence_stands_in_the_talk_and_the_reason_can_be_read() -> None:
    """Of all criteria on all conversations: quotes are words of their turns, reasons are sentences for people."""
    for _, case in CASES:
        transcript = case.transcript
        for score in rubric.score(transcript, rubric.load()).scores:
            assert re.fullmatch(r"[A-Z].*[a-z)0-9]\.", score.reason), score.reason
            assert "_" not in score.reason
            for each in score.evidence:
                first, last = each.words
                assert each.quote == " ".join(transcript.turns[each.turn].text.split()[first:last])
                assert each.quote


def bare(transcript: Transcript) -> Transcript:
    """As some recognisers write it: small letters, no marks, no apostrophes."""
    turns = (
        msgspec.structs.replace(turn, text=re.sub(r"[^\w\s]", "", turn.text.lower()).strip())
        for turn in transcript.turns
    )
    return msgspec.structs.replace(transcript, turns=tuple(turns))


def both() -> list[tuple[Scorecard, Scorecard]]:
    """Each conversation as it is written, and bare."""
    judge = rubric.load()
    return [(rubric.score(case.transcript, judge), rubric.score(bare(case.transcript), judge)) for _, case in CASES]


def test_without_marks_and_case_most_verdicts_stay() -> None:
    """Of the verdicts met, partly and missed 97 % are the same without marks; of those that a case is for, 98 %."""
    pairs = both()
    kept = [
        one.verdict == two.verdict
        for written, stripped in pairs
        for one, two in zip(written.scores, stripped.scores, strict=True)
        if one.points is not None
    ]
    assert len(kept) > 600
    assert sum(kept) / len(kept) >= 0.95
    meant = [
        score_of(stripped, criterion).verdict == case.verdict
        for (criterion, case), (_, stripped) in zip(CASES, pairs, strict=True)
    ]
    assert sum(meant) / len(meant) >= 0.95


@pytest.mark.parametrize(
    "text",
    [
        "Not sorry, could you repeat that?",
        "Sorry, could you repeat that?",
        "Sorry.",
        "I'm sorry.",
        "I understand.",
        "I see.",
        "I understand. What's the order number?",
        "We are sorry for the inconvenience.",
    ],
)
def test_bare_words_are_no_validation(text: str) -> None:
    """Neither "sorry" nor "I understand" says what the customer feels: beside these words alone, it is missed."""
    score = judged(call(HELLO, FURIOUS, ("agent", text), ("customer", "The number is 4471.")), "validates")
    assert score.verdict == "missed"
    assert not [each for each in score.evidence if each.rule.startswith("validation.")]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry to hear that.",
        "I'm so sorry to hear that. What's the order number?",
        "Sorry to hear about the trouble.",
    ],
)
def test_sorry_for_is_partly_at_best(text: str) -> None:
    """Feeling sorry for the customer is not feeling with them."""
    score = judged(call(HELLO, FURIOUS, ("agent", text), ("customer", "The number is 4471.")), "validates")
    assert score.verdict in {"partly", "missed"}


@pytest.mark.parametrize(
    "text", ["Sorry, could you repeat that?", "Not sorry, could you repeat that?", "I'm afraid I can't see it."]
)
def test_what_is_no_regret_is_no_apology(text: str) -> None:
    """A word not heard, or "I'm afraid", is no regret for anything."""
    score = judged(call(HELLO, FURIOUS, ("agent", text), ("customer", "The cot never came.")), "apologises")
    assert score.verdict == "missed"


def test_unexplained_terms_count_against_personalises() -> None:
    """The same talk in words that the customer knows is partly, in terms of the house missed, and they are shown."""
    talk = """
C: Hello, this is Sam Ode. The internet is off and I don't know anything about computers.
A: Hi Sam! One moment.
C: Okay.
A: {}
C: I see.
A: {}
C: Okay.
"""
    plain = talk.format("The box has to be set up again from here.", "The two of them do not talk to each other.")
    terms = talk.format("The ONT has to be provisioned from the OLT.", "The DHCP handshake on the VLAN fails.")
    assert judged(read(plain, "chat"), "personalises").verdict == "partly"
    score = judged(read(terms, "chat"), "personalises")
    assert score.verdict == "missed"
    assert [each.turn for each in score.evidence if each.rule.startswith("jargon.")] == [3, 5]


def test_a_term_that_the_customer_uses_is_no_jargon() -> None:
    """Who speaks of firmware is answered in firmware."""
    said: tuple[Said, ...] = (
        HELLO,
        ("customer", "The firmware of my router needs an update, and DHCP is off."),
        ("agent", "The firmware is updated now, and DHCP is on."),
    )
    assert not [act for act in rubric.find_acts(call(*said)) if act.label == "jargon"]
    asked: Said = ("customer", "My internet doesn't work.")
    assert [act for act in rubric.find_acts(call(HELLO, asked, said[2])) if act.label == "jargon"]


@pytest.mark.parametrize(
    ("text", "verdict", "promised"),
    [
        ("I'll call you back tomorrow at nine.", "met", ["follow_up"]),
        ("Someone will be in touch as soon as possible.", "partly", ["follow_up_vague"]),
        ("You'll hear from us.", "partly", ["follow_up_vague"]),
        ("Somebody will get back to you at some point.", "partly", ["follow_up_vague"]),
        ("We'll let you know.", "partly", ["follow_up_vague"]),
        ("It's at the depot.", "partly", []),
    ],
)
def test_a_vague_promise_is_seen_as_vague(text: str, verdict: Verdict, promised: list[str]) -> None:
    """Neither who nor when is half of a close, and is said to be vague."""
    asks: Said = ("customer", "When does the cot come?")
    score = judged(call(HELLO, asks, ("agent", text), ("customer", "Okay.")), "closes_well")
    assert score.verdict == verdict
    if verdict == "partly":
        assert score.reason.startswith("What happens next was left vague")
    assert [each.rule.split(".")[0] for each in score.evidence] == promised


@pytest.mark.parametrize(
    "text",
    [
        # policy as a wall
        "That's our policy, there's nothing I can do.",
        "It's company policy, so there's no point in arguing.",
        "Rules are rules, and they are the same for everybody.",
        # rudeness
        "Don't take that tone with me.",
        "You're being rude.",
        # impatience
        "As I already told you, no.",
        "Look, I don't have time for this.",
        # sarcasm, belittling
        "It's only a lamp, you'll live.",
        "It's not rocket science.",
        # blame
        "You should have read the terms.",
        "That's your own fault, not ours.",
        # indifference
        "That's not my problem.",
        "Whatever. I don't care.",
    ],
)
def test_disrespect_of_each_kind(text: str) -> None:
    """Policy as a wall, rudeness, impatience, belittling, blame, indifference: once in a short talk is partly."""
    asks: Said = ("customer", "Can I bring the lamp back?")
    score = judged(call(HELLO, asks, ("agent", text), ("customer", "But it's broken.")), "respects")
    assert score.verdict == "partly"
    assert [each.turn for each in score.evidence] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "I'm afraid we can't take it back after thirty days. I could repair it for you, or you could swap it.",
        "I'm sorry, it can't be returned once it has been opened.",
        "Our returns run for thirty days. Let me see what I can do for you.",
    ],
)
def test_a_plain_no_is_no_disrespect(text: str) -> None:
    """A refusal, politely put, takes nothing from respects."""
    asks: Said = ("customer", "Can I bring the lamp back?")
    score = judged(call(HELLO, asks, ("agent", text), ("customer", "Okay.")), "respects")
    assert (score.verdict, score.evidence) == ("met", ())


@pytest.mark.parametrize("check", ["Is it back on now?", "Before you go, let's make sure that it works."])
def test_checking_that_it_worked_is_no_further_contact(check: str) -> None:
    """Who asks whether it works, and hears that it does, has settled it at the first contact."""
    said: tuple[Said, ...] = (
        HELLO,
        ("customer", "My internet has been down since Monday."),
        ("agent", "The line has been reset, so please try it now."),
        ("customer", "One moment."),
        ("agent", check),
        ("customer", "Oh yes, it's working now, thank you."),
    )
    assert judged(call(*said), "closes_well").verdict == "met"
    assert judged(call(*said), "first_contact").verdict == "met"


@pytest.mark.parametrize("criterion", ["first_contact", "offers_alternatives"])
def test_how_it_began_is_not_how_it_ended(criterion: str) -> None:
    """A customer who comes angry has not left angry, however short the talk."""
    score = judged(call(HELLO, FURIOUS, ("agent", "It's outside your door.")), criterion)
    assert score.verdict in {"not_scorable", "not_applicable"}


KIND = "I'm so sorry, that must have been awful. I'll get this sorted for you and call you back tomorrow at nine."


@pytest.mark.parametrize(
    "text",
    [
        "You heard me, you moron.",
        "Are you deaf?",
        "You're an idiot.",
        "Tough luck, loser.",
        "Fuck off.",
        "Speak English.",
        "Use your brain.",
        "Stop whining.",
    ],
)
def test_nothing_kind_outweighs_an_insult(text: str) -> None:
    """Whatever formulas were recited before, an insult is one."""
    talk: tuple[Said, ...] = (HELLO, FURIOUS, ("agent", KIND), ("customer", "Sorry, what?"), ("agent", text))
    assert [act.evidence.turn for act in rubric.find_acts(call(*talk)) if act.label == "dismissive"] == [4]


@pytest.mark.parametrize(
    "text", ["He called you an idiot? That's awful.", "You're not stupid at all.", "That was tough luck, I'm sorry."]
)
def test_an_insult_that_is_told_is_none(text: str) -> None:
    """What others said, or what is denied, charges nobody."""
    assert not [act for act in rubric.find_acts(call(HELLO, FURIOUS, ("agent", text))) if act.label == "dismissive"]


def test_one_cold_remark_in_a_short_talk_is_not_the_whole_of_it() -> None:
    """It counts, but what is made good at once is no call full of disrespect."""
    said: tuple[Said, ...] = (
        ("customer", "Hello, I can't find my invoice."),
        ("agent", "Not my department."),
        ("customer", "But it's what your page says."),
        ("agent", "You're right, I'm sorry, that was curt. I've got it here and I'm sending it to you now."),
    )
    assert judged(call(*said), "respects").verdict == "partly"


def test_relief_told_with_the_fear_that_was_is_settled() -> None:
    """Feelings of before, told behind thanks, do not leave the matter open."""
    said: tuple[Said, ...] = (
        HELLO,
        ("customer", "My boiler is off and I have a baby here."),
        ("agent", "Please press the reset for five seconds. Is it back?"),
        ("customer", "It's working now, thank you so much, you're a star."),
        ("agent", "I'm so glad."),
        ("customer", "I was so worried, I was in tears this morning."),
    )
    assert judged(call(*said), "first_contact").verdict == "met"


def test_sorry_for_the_wait_is_not_sorry_for_what_is_told_afterwards() -> None:
    """An apology in the greeting answers to nothing that comes later: partly, and it is said why."""
    said: tuple[Said, ...] = (
        ("agent", "Larch Phones, sorry for the wait, how can I help?"),
        ("customer", "I'm really upset, you cut off my dad's phone the week that he died."),
        ("agent", "What's the number?"),
        ("customer", "It's 4471."),
    )
    score = judged(call(*said), "apologises")
    assert score.verdict == "partly"
    assert score.reason == "The agent said sorry before the customer told of it, and not for that."


@pytest.mark.parametrize("answer", ["No, yeah, exactly, that's it.", "No no, you've got it, that's right."])
def test_a_no_that_agrees_denies_no_paraphrase(answer: str) -> None:
    """People say no and mean yes."""
    said: tuple[Said, ...] = (
        HELLO,
        ("customer", "I ordered a cot on Monday and it never came, and your website says it did."),
        ("agent", "So the cot never came, and the website says it's been delivered. Is that right?"),
        ("customer", answer),
    )
    assert judged(call(*said), "paraphrases").verdict == "met"


def test_one_interruption_while_venting_is_said_once() -> None:
    """It counts twice, and the reason says so rather than that it happened twice."""
    talk = """
A 0-2: Larch Homeware, how can I help?
C 2.2-14: I'm furious, I've been on hold for an hour, the cot never came, and every time that I ring you somebody
A 11-16: Okay, calm down, what's the order number?
C 16.5-18: It's 4471.
"""
    reason = judged(read(talk), "listens").reason
    assert "cutting in once (counted 2: while they vent it is twice)" in reason.lower()
