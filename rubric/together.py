"""What two things say together that neither says alone: a bare fragment after bad news, a cheery close on anger."""

from __future__ import annotations

from rubric.said import Said, Trait

Found = dict[str, Trait]

# The sum of a label's rules from which a turn is likely to have it.
_LIKELY = 0.5
_FEW_WORDS = 6
_TELLS = 4  # words from which a turn that asks nothing tells something
_CLOSES = frozenset({"talk.anything-else", "talk.closing"})
_TROUBLE = ("negative_emotion", "struggle", "problem", "let_down")
_AFTER_TROUBLE = ("fragment", "fragment-echo", "fragment-intense", "exclaims", "echo-intense", "you-state", "name")
_ABOUT_PEOPLE = ("you-state", "so-you", "asks-wh", "asks-yes-no", "you-instruct", "i-state", "first-states-echo")
# How much of a turn's content the speaker has said before, in one of how many of their turns, to be said again.
_AGAIN, _AGAIN_STEMS, _AGAIN_TURNS = 0.6, 3, 4


def traits(found: Found, said: tuple[Said, ...], index: int, theirs: list[int], states: list[dict[str, float]]) -> None:
    """Add them to what was found in a turn: `theirs` are the other's last turns, `states` the scores of all before."""
    if _says_again(said, index):
        found["says-again"] = Trait(1.0)
    if "about-people" in found:
        _join(found, _ABOUT_PEOPLE, "about-people")
    if theirs:
        _after(found, said[index], said[theirs[0]], states[theirs[0]])


def _join(found: Found, names: tuple[str, ...], other: str) -> None:
    found.update({f"{name}-{other}": found[name] for name in names if name in found})


def _after(found: Found, me: Said, last: Said, state: dict[str, float]) -> None:
    """With what the other has just said."""
    upset = state.get("negative_emotion", 0.0) >= _LIKELY
    if any(state.get(label, 0.0) >= _LIKELY for label in _TROUBLE):
        _join(found, _AFTER_TROUBLE, "after-trouble")
    told = len(last.line.words) >= _TELLS and not any(each.asks for each in last.line.sentences)
    few = len(me.line.words) <= _FEW_WORDS
    said_no = any(state.get(label, 0.0) >= _LIKELY for label in ("refusal", "dismissive"))
    together = {
        "closes-on-heat": upset and not _CLOSES.isdisjoint([hit.rule.name for hit in me.hits]),
        "few-words-after-no": few and said_no,
        "few-words-after-feeling": few and upset,
        "few-words-after-statement": few and told,
        "after-statement": told,
        "after-instruction": "talk.instructs" in [hit.rule.name for hit in last.hits],
    }
    for name, holds in together.items():
        if holds:
            found[name] = Trait(1.0)


def _says_again(said: tuple[Said, ...], index: int) -> bool:
    """Whether most of what the turn says its speaker has said shortly before."""
    me = said[index]
    if len(me.content) < _AGAIN_STEMS:
        return False
    before = [each for each in said[max(0, index - 12) : index] if each.turn.speaker == me.turn.speaker]
    return any(len(me.content & each.content) >= _AGAIN * len(me.content) for each in before[-_AGAIN_TURNS:])
