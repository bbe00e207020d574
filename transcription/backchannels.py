"""Which words only say "I am listening": the acknowledgements that make a backchannel."""

from __future__ import annotations

import re

# One utterance of listening is at most three of these. "No" and "sorry" are left out on purpose: they object.
_ACKNOWLEDGEMENTS = frozenset(
    """
    ah aha ahh alright aw awesome aye certainly cool correct definitely exactly eh fine gosh good gotcha great ha hm
    hmm hmmm huh indeed lovely ma'am maam madam mhm mhmm mhmmm mm mmhm mmhmm mmm mmmm mmmhmm nice oh ohh ok okay ooh
    perfect really right sir sure surely totally true uh uhhuh uhuh um umhm understood wow ya yah yea yeah yep yes yup
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a list of strings
)
_PHRASES = ("i see", "got it", "of course", "i know", "all right", "i hear", "oh no", "oh dear", "go on", "go ahead")
_WORD = re.compile(r"[a-z']+(?:-[a-z']+)*")


def acknowledges(text: str, *, max_words: int = 3) -> bool:
    """Whether `text` is at most `max_words` words and all of them acknowledge ("Mm-hm. Okay.", "yes, sir", "I see")."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    if not 1 <= len(words) <= max_words:
        return False
    rest = " ".join(words)
    for phrase in _PHRASES:
        rest = re.sub(rf"\b{phrase}\b", "", rest)
    return all(word.replace("-", "") in _ACKNOWLEDGEMENTS for word in rest.split())
