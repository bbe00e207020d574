"""Whether talk that stops has come to the end of its sentence, by its words."""

from __future__ import annotations

import re

# Words that no sentence of English ends on: something must follow them.
_HANGING = frozenset(
    """
    a about an and am are as at be because been being between but by cause cos could during each every for from gonna
    had has have having he he's her here's his i i'd i'll i'm i've if into is it'll it's its may might must my nor of
    onto or our per shall she she's should than that's the their there's they they'd they'll they're they've this's to
    towards toward uh um er erm unless until upon versus via wanna was we we'd we'll we're we've were what's when where
    whereas whether which while who who's whose with within without would you'd you'll you're you've your
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a list of strings
)
# ... but these may end a short answer ("yes I am", "no we were") and a question ("who is it for?", "what about?").
_END_OF_ANSWER = frozenset(
    "am is are was were has had would could should might may must for to from with about at of i by".split()  # noqa: SIM905
)
# "What am I supposed to" breaks off, question mark or not; "do I have to?" does not.
_WANT_A_VERB = frozenset({"able", "about", "going", "ought", "supposed", "trying"})
_WORD = re.compile(r"[a-z0-9']+(?:-[a-z0-9']+)*")
_ENDING = re.compile(r"[.!?]['\")\]]*$")
_BROKEN = re.compile(r"(--|—|–|-|\.\.\.|…|,|;|:)['\")\]]*$")


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def last_sentence(text: str) -> str:
    """What stands after the last full stop, question or exclamation mark inside `text`."""
    return re.split(r"(?<=[.!?])\s+", text.strip())[-1]


def broken_off(text: str) -> bool:
    """Whether the words themselves show that more was to come: a dash, a comma, a word that must lead on."""
    said = words(last_sentence(text))
    if not said or _BROKEN.search(text.strip()):
        return True
    if said[-1] not in _HANGING:
        return False
    if said[-1] == "to" and said[-2:-1] and said[-2] in _WANT_A_VERB:
        return True
    short_answer = len(said) <= 4 and said[-1] in _END_OF_ANSWER
    question = text.rstrip().endswith("?") and said[-1] in _END_OF_ANSWER
    return not (short_answer or question)


def finished(text: str) -> bool:
    """Whether `text` ends with the end of a sentence: marked as one, and on a word that can end one."""
    return bool(_ENDING.search(text.strip())) and not broken_off(text)
