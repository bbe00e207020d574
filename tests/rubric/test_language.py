"""Reading of turns: what people say in many shapes becomes one plain line, with every token knowing its word."""

from __future__ import annotations

import pytest

from rubric import cues, grammar, language, negation


@pytest.mark.parametrize(
    "text",
    [
        "I'm really sorry you've waited.",
        "im really sorry youve waited.",
        "I am, um, I am really sorry you have waited.",
        "I 'm really sorry you 've waited .",
    ],
)
def test_shapes_of_the_same_words_read_the_same(text: str) -> None:
    """Contractions, lost apostrophes, fillers and restarts leave the same stems."""
    assert language.read(text).text == " i am really sorry you have wait . "


def test_tokens_know_their_words() -> None:
    """A token points at the word of the text that it came from."""
    line = language.read("Well, it's -- um -- $40.50, isn't it?")
    assert [line.words[number] for number in line.word_of] == [
        "Well,", "it's", "it's", "$40.50,", "$40.50,", "isn't", "isn't", "it?", "it?",
    ]  # fmt: skip


def test_unmarked_text_is_cut_into_sentences() -> None:
    """Without any mark, questions are seen by the order of words."""
    line = language.read("okay let me have a look here what does the screen say now")
    assert [sentence.asks for sentence in line.sentences] == [False, True]


def test_patterns() -> None:
    """Words match by stem, slots stay in the sentence, and what must not stand there is heeded."""
    words = grammar.compile_classes({"bad": ["awful", "not good"]})
    pattern = grammar.compile_pattern("that (is|was) .. {bad} ~(deal)", words)
    assert pattern.regex.search(language.read("Oh, that was really quite awful.").text)
    assert pattern.regex.search(language.read("That's not good.").text)
    assert not pattern.regex.search(language.read("That was it. Awful.").text)
    assert not pattern.regex.search(language.read("That was an awful deal.").text)


@pytest.mark.parametrize(("words", "found"), [("a b", True), ("a b c d e", True), ("a b c d e f", False)])
def test_a_slot_takes_as_many_words_as_it_says(words: str, *, found: bool) -> None:
    """`..5` is up to five words of the same sentence."""
    pattern = grammar.compile_pattern("call ..5 back", {})
    assert (pattern.regex.search(language.read(f"call {words} back").text) is not None) is found


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("(a|b", "'(a|b' has a bracket that is not closed; close '(' with its like"),
        ("a) b", "'a) b' has ')', which closes nothing; open the bracket or leave it out"),
        ("{bat} x", "'{bat} x' names {bat}, a class that is not there; did you mean {bad}?"),
        ("{bad x", "'{bad x' has a stray '{'; a class is written {name}, in small letters"),
        ("[x]", "'[x]' has no word that must be there; write one outside of [ ] and slots"),
        ("what?", "'what?' has 't?'; write [x] for what may be there; ? alone means that the sentence is asked"),
        (
            "call(s)",
            (
                "'call(s)' has 'l(', a word and a bracket in one; "
                "put a blank between; endings need no sign, for words match by stem"
            ),
        ),
        ("a ..99 b", "'a ..99 b' has the slot '..99'; a slot takes 1 to 20 words"),
        ("<(not ..) a", "'<(not ..) a' looks back at more than words; <( ) takes single words: <(not|never)"),
        ("a # b", "'a # b' has '#', which is no word; leave it out"),
    ],
)
def test_wrong_patterns_are_refused(source: str, error: str) -> None:
    """What does not follow the grammar is an error that quotes the pattern and names the cure."""
    with pytest.raises(grammar.GrammarError) as caught:
        grammar.compile_pattern(source, grammar.compile_classes({"bad": ["awful"]}))
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("I will call you back.", False),
        ("I can't call you back.", True),
        ("Nobody is going to call you back.", True),
        ("I'm not going to be able to call you back.", True),
        ("Not one of them had time left for me to call you back.", False),
        ("We never, I'm afraid, call you back.", False),
        ("No, we will call you back.", False),
        ("Don't worry, someone will call you back.", False),
        ("Why don't I call you back?", False),
        ("I won't forget to call you back.", False),
        ("I'd do it without having to call you back.", True),
        ("It's not that, but call you back we will.", False),
    ],
)
def test_negation_reaches_over_three_words_of_its_clause(text: str, *, denied: bool) -> None:
    """Words are denied where a negation stands before them in the same clause, and nothing turns it round."""
    line = language.read(text)
    start = line.forms.index("call")
    assert negation.denied(line, start, start + 3) is denied


def test_every_cue_file_compiles() -> None:
    """All patterns of all cue files follow the grammar."""
    for speaker in ("agent", "customer", "swap"):
        assert cues.load(speaker).patterns
