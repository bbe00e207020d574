"""Criteria of kind `phrases`: written in TOML alone, judged like every other, with the words that prove it."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

import rubric
from rubric import cues, starter
from rubric.file import parse
from rubric.types import Score
from transcription.types import Speaker, Transcript, Turn

SECONDS = 10.0
Said = tuple[Speaker, str]
HELLO: Said = ("agent", "Thanks for calling Larch Homeware, how can I help?")
WISH: Said = ("customer", "I'd like my money back for the lamp.")
NO: Said = ("agent", "I'm afraid we can't refund opened items.")
LATER: Said = ("agent", "I'll call you back tomorrow about the lamp.")
THEN: Said = ("customer", "Okay, what happens then?")


def call(*said: Said) -> Transcript:
    """A conversation without overlap: a turn every ten seconds."""
    turns = tuple(
        Turn(index, speaker, index * SECONDS, index * SECONDS + SECONDS - 1, text)
        for index, (speaker, text) in enumerate(said)
    )
    return Transcript(turns=turns, language="en", times_from="turns")


def judged(check: str, transcript: Transcript) -> Score:
    """The score of one criterion, `own`, whose check is this TOML."""
    file = f"""
        id = "ours"
        title = "Ours"
        [[criteria]]
        id = "own"
        question = "Is it said?"
        max_points = 10
        [criteria.check]
        kind = "phrases"
        {check}
    """
    return rubric.score(transcript, parse(file.encode(), "ours.toml")).scores[0]


def test_what_is_said_is_met_with_the_sentence_as_proof() -> None:
    """The evidence is the sentence with the phrase, its turn and times, under the criterion's own rule."""
    score = judged('phrases = ["call you back"]', call(HELLO, WISH, ("agent", "One moment. I'll call you back today.")))
    assert (score.verdict, score.points) == ("met", 10)
    assert score.reason == "The agent said it once."
    proof = score.evidence[0]
    assert (proof.turn, proof.quote, proof.rule) == (2, "I'll call you back today.", "phrases.own")
    assert proof.start_s is not None
    assert 20 < proof.start_s < 29


def test_what_is_not_said_is_missed() -> None:
    """No evidence, and a reason that says so."""
    score = judged('phrases = ["call you back"]', call(HELLO, WISH, NO))
    assert (score.verdict, score.points, score.evidence) == ("missed", 0, ())
    assert score.reason == "The agent did not say it."


def test_less_than_is_asked_for_is_partly() -> None:
    """Between `partly_count` and `met_count` it earns half, and the reason says how many are asked for."""
    check = 'phrases = ["lamp"]\nmet_count = 3\npartly_count = 2'
    again: Said = ("agent", "That lamp, yes.")
    assert judged(check, call(WISH, LATER, THEN, again, THEN, again)).verdict == "met"
    score = judged(check, call(WISH, LATER, THEN, again))
    assert (score.verdict, score.points, len(score.evidence)) == ("partly", 5, 2)
    assert score.reason == "The agent said it twice, and 3 times is asked for."
    assert judged(check, call(WISH, LATER)).verdict == "missed"
    assert score.thresholds["met_count"] == 3
    assert "wanted" not in score.thresholds


def test_what_should_not_be_said() -> None:
    """Unwanted: none is met, from `missed_count` turns on it is missed, fewer are partly; the words prove it."""
    check = 'phrases = ["calm down"]\nwanted = false\nmissed_count = 2'
    rude: Said = ("agent", "Sir, calm down.")
    assert judged(check, call(HELLO, WISH, NO)).verdict == "met"
    once = judged(check, call(HELLO, WISH, rude))
    assert (once.verdict, [each.quote for each in once.evidence]) == ("partly", ["Sir, calm down."])
    twice = judged(check, call(HELLO, WISH, rude, THEN, rude))
    assert (twice.verdict, [each.turn for each in twice.evidence]) == ("missed", [2, 4])
    assert twice.reason == "The agent said it twice, and should not."
    assert judged('phrases = ["calm down"]\nwanted = false', call(HELLO, WISH, rude)).verdict == "missed"


def test_the_customer_can_be_asked_about() -> None:
    """`speaker` says whose words count."""
    thanks = 'phrases = ["thank you"]\nspeaker = "customer"'
    assert judged(thanks, call(HELLO, WISH, LATER, ("customer", "Thank you so much."))).verdict == "met"
    assert judged(thanks, call(HELLO, WISH, ("agent", "Thank you for waiting."))).verdict == "missed"


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("wait for the refund", "You're waiting for the refunds.", True),  # stems
        ("i can see why", "i can, um, see why", True),  # fillers
        ("i am sorry", "Im sorry.", True),  # contractions
        ("call .. back", "I'll call you right back.", True),  # slots
        ("call .. back", "I'll call you tomorrow with the answer back.", False),
        ("call ..5 back", "I'll call you tomorrow with the answer back.", True),
        ("call .. back", "We'll call. You go back.", False),  # not beyond the sentence
        ("(refund|money) _ (today|tomorrow)", "Your refund comes tomorrow.", True),  # alternatives, any one word
        ("(refund|money) _ (today|tomorrow)", "Your refund came back tomorrow.", False),
        ("very [very] sorry", "I'm very sorry.", True),  # optional
        ("{feeling} with us", "You're furious with us.", True),  # classes
        ("^ relax", "You can relax about it.", False),  # the start of a sentence
        ("can i help ?", "Can I help with that?", True),  # asked
        ("can i help ?", "Here is what I can help with.", False),
        ("call you ~(names)", "I'd call you names.", False),
    ],
)
def test_the_language_of_phrases(phrase: str, text: str, *, found: bool) -> None:
    """Stems, slots, alternatives, optional words, classes and anchors, as docs/rubric.md has them."""
    assert (judged(f'phrases = ["{phrase}"]', call(WISH, ("agent", text))).verdict == "met") is found


def test_what_is_negated_or_excepted_does_not_count() -> None:
    """Negated words count only where the file says so or negates itself; `unless` takes out more."""
    denied = call(HELLO, WISH, ("agent", "I won't be able to call you back."))
    assert judged('phrases = ["call you back"]', denied).verdict == "missed"
    assert judged('phrases = ["call you back"]\neven_negated = true', denied).verdict == "met"
    assert judged('phrases = ["not be able to call"]', denied).verdict == "met"
    past = call(HELLO, WISH, ("agent", "They tried to call you back on Monday."))
    assert judged('phrases = ["call you back"]\nunless = ["tried to call"]', past).verdict == "missed"
    assert judged('phrases = ["call you back"]\nunless = ["tried to ring"]', past).verdict == "met"


def test_the_opening_by_turns() -> None:
    """Said in the agent's first turns is met; later is missed, and the evidence shows where it was."""
    check = 'phrases = ["this call is recorded"]\noccasion = "opening"\nwithin_turns = 2'
    told: Said = ("agent", "This call is recorded.")
    early = judged(check, call(HELLO, WISH, told, THEN, NO))
    assert (early.verdict, early.reason) == ("met", "The agent said it once in the first 2 turns.")
    assert early.occasions[0].kind == "opening"
    assert early.occasions[0].answered_by == early.evidence[0]
    late = judged(check, call(HELLO, WISH, NO, THEN, told))
    assert late.verdict == "missed"
    assert late.reason == "The agent did not say it in the first 2 turns, but once elsewhere."
    assert (late.evidence[0].turn, late.occasions[0].answered_by) == (4, None)


def test_the_opening_and_the_close_by_seconds() -> None:
    """Seconds count from the first turn's start, and back from the last turn's end."""
    lamp = call(HELLO, WISH, LATER, THEN, NO)
    assert judged('phrases = ["lamp"]\noccasion = "opening"\nwithin_s = 29', lamp).verdict == "met"
    assert judged('phrases = ["lamp"]\noccasion = "opening"\nwithin_s = 15', lamp).verdict == "missed"
    assert judged('phrases = ["lamp"]\noccasion = "close"\nwithin_s = 30', lamp).verdict == "met"
    assert judged('phrases = ["lamp"]\noccasion = "close"\nwithin_s = 15', lamp).verdict == "missed"


def test_the_close_by_turns() -> None:
    """The agent's last turns are the close; a conversation that breaks off has none."""
    check = 'phrases = ["anything else"]\noccasion = "close"\nwithin_turns = 1'
    else_: Said = ("agent", "Is there anything else?")
    assert judged(check, call(HELLO, WISH, else_)).verdict == "met"
    assert judged(check, call(else_, WISH, NO)).verdict == "missed"
    assert judged(check, call(HELLO, WISH, else_, ("customer", "Well, I was --"))).verdict == "not_applicable"


def test_an_act_makes_a_moment() -> None:
    """Within two turns after a refusal: the refusing turn of the agent's is the first, their next the second."""
    check = 'phrases = ["call you back"]\noccasion = "refusal"\nwithin_turns = 2'
    soon = judged(check, call(HELLO, WISH, NO, THEN, LATER))
    assert (soon.verdict, soon.evidence[0].turn) == ("met", 4)
    assert soon.reason == "The agent said it within 2 turns in the one moment that called for it."
    assert (soon.occasions[0].kind, soon.occasions[0].evidence.turn) == ("refusal", 2)
    assert soon.occasions[0].answered_by == soon.evidence[0]
    late = judged(check, call(HELLO, WISH, NO, THEN, HELLO, THEN, LATER))
    assert late.verdict == "missed"
    assert late.reason == (
        "The agent did not say it within 2 turns in the one moment that called for it, but once elsewhere."
    )
    assert late.occasions[0].answered_by is None
    none = judged(check, call(HELLO, WISH, LATER))
    assert (none.verdict, none.points) == ("not_applicable", None)
    assert none.reason == "Nothing called for it: there was no turn with refusal."


@pytest.mark.parametrize("who", ["customer", "agent"])
def test_phrases_make_a_moment_of_either_speaker(who: Speaker) -> None:
    """An occasion may be phrases of the other's or of the speaker's own."""
    check = f"""phrases = ["sorry to see you go"]
        within_turns = 1
        occasion = {{ phrases = ["(cancel|close) .. account"], speaker = "{who}" }}"""
    leave: Said = (who, "So that would close the account.")
    kind: Said = ("agent", "We're sorry to see you go.")
    middle = () if who == "customer" else (THEN,)
    answered = judged(check, call(HELLO, WISH, leave, *middle, kind))
    # of the agent's own turns the one with the occasion is the first
    assert answered.verdict == ("met" if who == "customer" else "missed")
    assert (answered.occasions[0].kind, answered.occasions[0].evidence.turn) == ("phrase", 2)
    both: Said = (who, "So that would close the account. We're sorry to see you go.")
    assert judged(check, call(HELLO, WISH, both, THEN)).verdict == ("not_applicable" if who == "customer" else "met")


def test_within_seconds_of_a_moment() -> None:
    """Seconds run from the end of what made the moment to where the phrase begins."""
    talk = call(HELLO, WISH, NO, THEN, LATER)  # the no ends at 29 s, the call-back is promised from 40 s on
    assert judged('phrases = ["call you back"]\noccasion = "refusal"\nwithin_s = 15', talk).verdict == "met"
    assert judged('phrases = ["call you back"]\noccasion = "refusal"\nwithin_s = 5', talk).verdict == "missed"


def test_seconds_without_times_are_not_scorable() -> None:
    """A transcript without times can't be judged by seconds, and is by turns; that is not missed."""
    turns = tuple(
        msgspec.structs.replace(each, start_s=None, end_s=None) for each in call(HELLO, WISH, NO, LATER).turns
    )
    chat = Transcript(turns=turns, language="en", times_from="none", medium="chat")
    score = judged('phrases = ["call you back"]\noccasion = "refusal"\nwithin_s = 20', chat)
    assert (score.verdict, score.points) == ("not_scorable", None)
    assert score.reason == "The transcript has no times, and the rubric counts 20 s."
    assert judged('phrases = ["call you back"]\noccasion = "refusal"\nwithin_turns = 2', chat).verdict == "met"


def test_shares_of_the_moments() -> None:
    """Of two refusals one is answered: met, partly or missed by the share that the file asks for."""
    talk = call(HELLO, WISH, NO, THEN, NO, THEN, LATER)
    check = 'phrases = ["call you back"]\noccasion = "refusal"\nwithin_turns = 2\n'
    score = judged(check, talk)
    assert score.verdict == "partly"
    assert score.reason == "The agent said it within 2 turns in 1 of 2 moments that called for it."
    assert [each.answered_by is None for each in score.occasions] == [True, False]
    assert judged(f"{check}met_share = 0.5", talk).verdict == "met"
    assert judged(f"{check}partly_share = 0.6", talk).verdict == "missed"


def test_unwanted_after_a_moment_only() -> None:
    """A phrase that is fine elsewhere can be ruled out after a no; the occasions are those where it was said."""
    check = 'phrases = ["how can i help"]\noccasion = "refusal"\nwithin_turns = 2\nwanted = false'
    assert judged(check, call(HELLO, WISH, NO)).verdict == "met"
    score = judged(check, call(HELLO, WISH, NO, THEN, HELLO))
    assert (score.verdict, score.evidence[0].turn, len(score.occasions)) == ("missed", 4, 1)
    assert score.reason == "The agent said it once within 2 turns after a turn with refusal, and should not."


def test_patterns_are_compiled_once_for_all_calls() -> None:
    """A second conversation compiles nothing anew."""
    check = 'phrases = ["a phrase of its own"]\nunless = ["and an exception"]'
    judged(check, call(HELLO, WISH))
    before = cues.compiled.cache_info().misses
    judged(check, call(HELLO, WISH, NO))
    assert cues.compiled.cache_info().misses == before


@pytest.mark.parametrize(
    ("check", "what", "path", "cure"),
    [
        (
            'phrases = ["fine", "(call|ring you"]',
            "'(call|ring you' has a bracket that is not closed",
            ".phrases[1]",
            "close '(' with its like",
        ),
        (
            'phrases = ["fine"]\nunless = ["{feelng} x"]',
            "'{feelng} x' names {feelng}, a class that is not there",
            ".unless[0]",
            "did you mean {feeling}?",
        ),
        (
            'phrases = ["fine"]\noccasion = { phrases = ["[x]"] }',
            "'[x]' has no word that must be there",
            ".occasion.phrases[0]",
            "write one outside of [ ] and slots",
        ),
        (
            'phrases = ["fine"]\noccasion = { phrases = ["x"], speeker = "agent" }',
            "unknown key 'speeker'",
            ".occasion",
            "did you mean 'speaker'?",
        ),
        (
            'phrases = ["fine"]\noccasion = "refusl"',
            "there is no occasion 'refusl'",
            ".occasion",
            "did you mean 'refusal'?",
        ),
        (
            'phrases = ["fine"]\noccasion = "opening"',
            "nothing says how long the opening is",
            ".occasion",
            "add within_turns or within_s",
        ),
        (
            'phrases = ["fine"]\nwithin_turns = 2',
            "within_turns counts from an occasion, and none is named",
            ".within_turns",
            "add occasion, or leave it out",
        ),
        (
            'phrases = ["fine"]\nwanted = false\nmet_count = 2',
            "met_count decides nothing where phrases are unwanted",
            ".met_count",
            "say missed_count instead",
        ),
        (
            'phrases = ["fine"]\npartly_count = 2',
            "2 is over met_count, 1",
            ".partly_count",
            "make partly_count at most as much as met_count",
        ),
        ("wanted = false", "has no key 'phrases'", "", "add it"),
        ('phrases = ["fine"]\nspeaker = "agnt"', "there is no 'agnt'", ".speaker", "did you mean 'agent'?"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_cure(check: str, what: str, path: str, cure: str) -> None:
    """One line: file, what, the path in the file down to the pattern, and what to do."""
    with pytest.raises(rubric.RubricProblem) as caught:
        judged(check, call(HELLO))
    assert caught.value.every == (f"ours.toml: {what} at $.criteria[0].check{path}, criterion 1 (own); {cure}",)


@pytest.mark.parametrize(
    ("criterion", "verdict", "said"),
    [
        ("says_recorded", "met", [("agent", "Hello, calls on this line may be recorded."), WISH]),
        ("says_recorded", "missed", [HELLO, WISH, NO]),
        ("never_calm_down", "met", [HELLO, WISH, ("agent", "I won't tell you to calm down.")]),
        ("never_calm_down", "partly", [HELLO, WISH, ("agent", "You need to calm down.")]),
        ("offers_call_back", "met", [HELLO, WISH, NO, THEN, ("agent", "Let me arrange a call-back for you.")]),
        ("offers_call_back", "missed", [HELLO, WISH, NO, THEN, ("agent", "My colleague tried to call you back.")]),
    ],
)
def test_the_worked_examples(criterion: str, verdict: str, said: list[Said]) -> None:
    """The criteria that docs/rubric.md explains and `qa rubric new` offers judge as they say."""
    file = f'id = "ours"\ntitle = "Ours"\n{starter.examples()}'
    card = rubric.score(call(*said), parse(file.encode(), "examples.toml"))
    assert {score.criterion: score.verdict for score in card.scores}[criterion] == verdict


def test_the_starting_point_is_right_and_its_comments_too() -> None:
    """It asks what the default asks, under its own id; the comments at its end are the examples."""
    text = starter.starting_point()
    own = parse(text.encode(), "ours.toml")
    assert own.criteria == rubric.load().criteria
    assert own.id != rubric.load().id
    head, _, comments = text.partition("\n# # ")
    uncommented = "\n".join(line[2:] for line in f"# # {comments}".splitlines())
    assert tomllib.loads(uncommented) == tomllib.loads(starter.examples())
    assert len(parse(f"{head}\n{uncommented}".encode(), "ours.toml").criteria) == len(own.criteria) + 3


def test_every_kind_says_itself_in_words_with_its_numbers() -> None:
    """A changed number of the file is in the sentences of its criterion."""
    for criterion in rubric.load().criteria:
        words = criterion.check.in_words()
        assert words.applies
        assert words.met
        assert words.missed
        numbers = {
            name: value
            for name, value in msgspec.structs.asdict(criterion.check).items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        for name in numbers:
            other = msgspec.structs.replace(criterion.check, **{name: 77})
            assert other.in_words() != words, f"{criterion.id} does not tell of {name}"
