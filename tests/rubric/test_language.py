"""Reading of turns: what people say in many shapes becomes one plain line, with every token knowing its word."""

from __future__ import annotations

import pytest

from rubric import cues, grammar, language


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


@pytest.mark.parametrize("source", ["(a|b", "{none} x", "[x]", "what?"])
def test_wrong_patterns_are_refused(source: str) -> None:
    """A bracket left open, an unknown class, nothing certain, or a glued mark is an error that quotes the pattern."""
    with pytest.raises(grammar.GrammarError):
        grammar.compile_pattern(source, {})


def test_every_cue_file_compiles() -> None:
    """All patterns of all cue files follow the grammar."""
    for speaker in ("agent", "customer", "swap"):
        assert cues.load(speaker).by_key
