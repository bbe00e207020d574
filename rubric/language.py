"""Words of a turn as the detectors see them: tokens, stems, sentences. The only place that imports nltk.

People say and write the same thing in many shapes ("I'm", "im", "I am, um, I am"), and recognisers drop marks and
case. So a turn is read into a plain line of stems: contractions are spelt out, fillers and repeats left out, chat
spellings mended, sentence ends kept as marks. Every token knows which word of `turn.text.split()` it came from.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import accumulate
from operator import eq
from typing import TYPE_CHECKING, NamedTuple

from rubric.wordlists import words as listed

if TYPE_CHECKING:
    from nltk.stem.snowball import SnowballStemmer
    from nltk.tokenize import RegexpTokenizer

ENDS = frozenset({".", "?", "!"})

# Words that deny.
_NOES = frozenset({"hardly", "neither", "never", "no", "nobodi", "none", "not", "nothing"})

# What a word is made of; everything else that is not white space is a mark of its own.
_TOKEN = r"['’](?:m|re|ve|ll|d|s)\b|[^\W\d_]+(?:['’`][^\W\d_]+)*|\d+(?:[.,:]\d+)*|-{2,}|\.{2,}|[^\w\s]|_+"

_FILLERS = frozenset({"uh", "um", "er", "erm", "uhm", "umm", "uhh", "ah", "hm", "hmm", "eh"})

# The stemmer folds these into words that mean something else.
_KEEP = listed("keep")

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"), "dunno": ("do", "not", "know"),
    "lemme": ("let", "me"), "gimme": ("give", "me"), "kinda": ("kind", "of"), "sorta": ("sort", "of"),
    "let's": ("let", "us"),
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "n't": ("not",),
    "nt": ("not",),
    "cannot": ("can", "not"), "cant": ("can", "not"), "dont": ("do", "not"), "didnt": ("did", "not"),
    "doesnt": ("does", "not"), "isnt": ("is", "not"), "wasnt": ("was", "not"), "arent": ("are", "not"),
    "werent": ("were", "not"), "wont": ("will", "not"), "wouldnt": ("would", "not"), "couldnt": ("could", "not"),
    "shouldnt": ("should", "not"), "havent": ("have", "not"), "hasnt": ("has", "not"), "hadnt": ("had", "not"),
    "aint": ("is", "not"), "im": ("i", "am"), "ive": ("i", "have"), "youre": ("you", "are"),
    "youve": ("you", "have"), "youll": ("you", "will"), "youd": ("you", "would"), "theyre": ("they", "are"),
    "theyve": ("they", "have"), "theyll": ("they", "will"), "weve": ("we", "have"), "thats": ("that", "is"),
    "thatll": ("that", "will"), "whats": ("what", "is"), "wheres": ("where", "is"), "whos": ("who", "is"),
    "hows": ("how", "is"), "theres": ("there", "is"), "heres": ("here", "is"), "shes": ("she", "is"),
    "hes": ("he", "is"), "itll": ("it", "will"), "lets": ("let", "us"), "cos": ("because",), "cuz": ("because",),
    "coz": ("because",), "u": ("you",), "ur": ("your",), "r": ("are",), "pls": ("please",), "plz": ("please",),
    "thx": ("thanks",), "ya": ("you",), "yeah": ("yes",), "yep": ("yes",), "yup": ("yes",), "ok": ("okay",),
    "okey": ("okay",), "alright": ("all", "right"), "dm": ("dm",), "til": ("until",), "till": ("until",),
    "shoulda": ("should", "have"), "coulda": ("could", "have"), "woulda": ("would", "have"), "yous": ("you",),
    "y'all": ("you",), "yall": ("you",), "ma'am": ("madam",), "o'clock": ("oclock",), "d'you": ("do", "you"),
    "'em": ("them",), "c'mon": ("come", "on"), "wi-fi": ("wifi",), "apologise": ("apologize",),
}  # fmt: skip

# Faces that say a feeling, as the word for it.
_FACES = {
    **dict.fromkeys("😭😢😥😿", "crying"),
    **dict.fromkeys("😡🤬😠😤👿", "angry"),
    **dict.fromkeys("😞😔🙁😟💔😕", "sad"),
    **dict.fromkeys("😩😫😮🤦", "exasperated"),
    **dict.fromkeys("🙄😒😑👎", "unimpressed"),
    **dict.fromkeys("😱😰😨", "scared"),
    **dict.fromkeys("😊🙂😀😃😄🥰😍🤗🙏🎉❤💛💚💙👏🙌👍", "smiling"),
}

_SUFFIXES: dict[str, str] = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
# The same where a corpus writes them apart: "I 'm", "it 's".
_APART = {**_SUFFIXES, "s": "is"}
# After these, 's is "is" (or "has", which matters to no cue); after any other word it is a possessive and left out.
_BEFORE_IS = frozenset({
    "it", "that", "what", "he", "she", "there", "here", "who", "where", "how", "when", "this", "everything",
    "something", "nothing", "everyone", "everybody", "nobody", "somebody", "someone", "why", "one", "which",
})  # fmt: skip
_BEFORE_ILL = frozenset(
    {"be", "is", "was", "are", "am", "feel", "felt", "fell", "very", "so", "seriously", "been", "got"}
)
_AFTER_ID = frozenset({"like", "love", "be", "have", "rather", "say", "hate", "appreciate", "want", "need", "suggest"})


@cache
def _tools() -> tuple[RegexpTokenizer, SnowballStemmer]:
    """nltk's tokenizer and stemmer; nltk takes a second to import, which reading a stored scorecard need not wait."""
    from nltk.stem.snowball import SnowballStemmer  # noqa: PLC0415
    from nltk.tokenize import RegexpTokenizer  # noqa: PLC0415

    return RegexpTokenizer(_TOKEN), SnowballStemmer("english")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a lower-case word, or the word itself where stems would mix what differs."""
    return word if word in _KEEP or len(word) <= 3 else str(_tools()[1].stem(word))


@lru_cache(maxsize=65536)
def _spell_out(word: str) -> tuple[str, ...]:
    """The plain words that one written word stands for."""
    word = word.lower().replace("’", "'").replace("`", "'")
    if word in _FILLERS:
        return ()
    if word in _SPELLINGS or "'" not in word:
        return _SPELLINGS.get(word, (word,))
    head, _, tail = word.rpartition("'")
    if not head and tail in _APART:
        return (_APART[tail],)
    if tail in _SUFFIXES or (tail == "t" and head.endswith("n")):
        return (*_spell_out(head.removesuffix("n")), "not") if tail == "t" else (*_spell_out(head), _SUFFIXES[tail])
    if tail == "s":
        return _spell_out(head) + (("is",) if head in _BEFORE_IS else ())
    return (word.replace("'", ""),)


class Sentence(NamedTuple):
    """A half-open range of tokens; `asks` where it ends in a question mark."""

    start: int
    end: int
    asks: bool


class Line(NamedTuple):
    """A turn as stems.

    `stems[i]` came from word `word_of[i]` of the turn's text, `forms[i]` is its plain lower-case form. `text` is the
    stems with a blank before and after each, `at[i]` the offset of `stems[i]` in it. A mark that ends a sentence is a
    token too. `bare` is True where the turn has no marks to go by.
    """

    words: tuple[str, ...]
    stems: tuple[str, ...]
    forms: tuple[str, ...]
    word_of: tuple[int, ...]
    at: tuple[int, ...]
    text: str
    sentences: tuple[Sentence, ...]
    bare: bool

    @property
    def ends_asking(self) -> bool:
        """Whether the last sentence asks."""
        return bool(self.sentences) and self.sentences[-1].asks

    @property
    def asks_agreement(self) -> bool:
        """Whether the last sentence denies something and asks to agree by a no: "that isn't right, is it?"."""
        if not self.ends_asking:
            return False
        said = self.stems[self.sentences[-1].start : self.sentences[-1].end]
        tagged = len(said) >= 5 and said[-2] in _AUX and said[-1] in _SUBJECTS
        return tagged and not _NOES.isdisjoint(said[:-2])


@lru_cache(maxsize=65536)
def _forms(word: str) -> tuple[tuple[str, ...], int]:
    """The plain forms that a word of the text stands for, and how many marks of punctuation it has."""
    if word.lower().rstrip(".,!?") in {"o.k", "o_k"}:
        word = "okay" + word[3:].lstrip(".")
    forms: list[str] = []
    marks = 0
    for piece in _tools()[0].tokenize(word):
        first = piece[0]
        if first.isalpha() or (first in "'’" and len(piece) > 1):
            forms += _spell_out(piece)
        elif first.isdigit():
            forms.append(piece)
        elif first in ".?!…":
            marks += 1
            forms.append(first if first in "?!" else ".")
        elif first in "$£€":
            forms.append("$")
        elif first in _FACES:
            forms.append(_FACES[first])
        else:
            marks += first in ",;:-"
            if first == ";":
                forms.append(".")
    return tuple(forms), marks


def read(text: str) -> Line:
    """Read a turn's text into a line of stems."""
    words = tuple(text.split())
    forms: list[str] = []
    word_of: list[int] = []
    marks = 0
    last = "."  # before the first word a mark ends nothing
    for number, word in enumerate(words):
        spelt, seen = _forms(word)
        marks += seen
        for form in spelt:
            if form == last or (form in ENDS and last in ENDS):
                if form == "?" and forms:
                    last = forms[-1] = "?"
                continue
            forms.append(form)
            word_of.append(number)
            last = form
    forms, word_of = _mend(forms, word_of)
    stems = tuple(map(stem, forms))
    *at, _ = accumulate((len(each) + 1 for each in stems), initial=1)
    bare = marks == 0 and len(words) > 6
    return Line(
        words,
        stems,
        tuple(forms),
        tuple(word_of),
        tuple(at),
        f" {' '.join(stems)} ",
        _sentences(stems, bare=bare),
        bare,
    )


_MENDED = frozenset({"ill", "id", "not"})


def _mend(forms: list[str], word_of: list[int]) -> tuple[list[str], list[int]]:
    """Leave out restarts ("I am I am", "the the"), and spell out "ill call" and "id like" of unmarked text."""
    again = any(map(eq, forms, forms[2:])) or any(map(eq, forms, forms[3:]))
    if not again and _MENDED.isdisjoint(forms):
        return forms, word_of
    kept: list[str] = []
    kept_of: list[int] = []
    last = len(forms) - 1
    for i, (form, word) in enumerate(zip(forms, word_of, strict=True)):
        if form == "ill" and i < last and (i == 0 or forms[i - 1] not in _BEFORE_ILL):
            kept += ("i", "will")
            kept_of += (word, word)
            continue
        if form == "id" and i < last and forms[i + 1] in _AFTER_ID:
            kept += ("i", "would")
            kept_of += (word, word)
            continue
        if i < last and forms[i + 1] == "not" and form in {"ca", "wo"}:
            form = "can" if form == "ca" else "will"  # noqa: PLW2901
        kept.append(form)
        kept_of.append(word)
        if form not in kept[-4:-2] or form in ENDS:
            continue
        for size in (2, 3):
            if kept[-size:] == kept[-2 * size : -size]:
                del kept[-size:], kept_of[-size:]
                break
    return kept, kept_of


# Words that begin a new sentence often enough to cut a long unmarked stretch there.
_OPENERS = frozenset({"so", "okay", "but", "because", "and", "well", "now", "then", "if", "all", "what", "i", "you"})
_LONGEST = 14
# Where marks are missing, a question shows by its order of words.
_AUX = listed("auxiliaries")
_SUBJECTS = listed("subjects")
_WH = frozenset({"what", "which", "when", "where", "who", "whi", "how"})
_NO_CUT_AFTER = listed("not_before_question")


# Whoever stands behind the verb of a question by these; what else follows one is as often an object or a predicate
# ("have it", "is the first"), and only asks at the start of what is said.
_PERSONS = frozenset({"you", "we", "they", "he", "she", "anybody", "anyone"})
_THINGS = frozenset({"it", "that", "this", "there", "i"})
_FRONTS = frozenset(
    {"so", "okay", "and", "but", "well", "right", "now", "then", "yes", "no", "oh", "or", "sorry", "sir"}
)
_TAKES_OBJECTS = frozenset({"have", "had", "do"})


def _asks_here(stems: tuple[str, ...], i: int) -> bool:
    """Whether an unmarked question begins at token `i`."""
    if (i and stems[i - 1] in _NO_CUT_AFTER) or i + 1 >= len(stems):
        return False
    here, after = stems[i], stems[i + 1]
    front = i == 0 or stems[i - 1] in _FRONTS
    if here in _WH:
        return after in {"kind", "sort", "type"} or (after in _AUX and (front or here not in {"which", "who"}))
    if here not in _AUX or after not in _SUBJECTS:
        return False
    if here in _TAKES_OBJECTS:
        return after in _PERSONS or (after == "i" and front)
    return after in _PERSONS or front or (after in _THINGS and not (here in {"were", "is", "are"} and after == "i"))


def _sentences(stems: tuple[str, ...], *, bare: bool) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    start = 0
    asks = False
    for i, each in enumerate(stems):
        if each in ENDS:
            if i > start:
                found.append(Sentence(start, i, each == "?" or asks))
            start, asks = i + 1, False
        elif bare and i > start and (_asks_here(stems, i) or (i - start >= _LONGEST and each in _OPENERS)):
            found.append(Sentence(start, i, asks))
            start, asks = i, _asks_here(stems, i)
        elif bare and i == start:
            asks = _asks_here(stems, i)
    if start < len(stems):
        found.append(Sentence(start, len(stems), asks or (not found and _asks_here(stems, start))))
    return tuple(found)
