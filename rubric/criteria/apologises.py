"""Apologises: regret for what the customer went through, without blame and without conditions."""

from __future__ import annotations

from rubric.case import Case, Judged, following, one_a_turn, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class Apologises(Table, frozen=True, tag_field="kind", tag="apologises"):
    """Does the agent say sorry for what the customer went through, and blame nobody for it?

    blame_turns   an apology that stands so few turns from a dismissive turn is taken back by it
    """

    blame_turns: Count = 2

    def in_words(self) -> InWords:
        """What makes an apology whole."""
        return InWords(
            "Where the customer shows negative emotion or struggle, was let down, or an apology is given anyway.",
            f"Plain regret, with no dismissive turn up to {counted(self.blame_turns, 'turn')} after it.",
            "Regret with one, or only before the customer told of it; or under a condition, or put on the customer.",
            "Nobody says sorry.",
        )

    def judge(self, case: Case) -> Judged:
        """Met by plain regret; "sorry you feel that way", or sorry and blame in one breath, is partly."""
        called = one_a_turn(case.of("negative_emotion", "struggle", "let_down"))
        weak = case.of("apology_weak")
        if not called and not weak and not case.of("apology"):
            return Judged("not_applicable", "Nothing had gone wrong that called for an apology.")
        weak_turns = {act.evidence.turn for act in weak}
        plain = [act for act in case.of("apology") if act.evidence.turn not in weak_turns]
        cold = [act.evidence.turn for act in case.of("dismissive")]
        kept = [act for act in plain if not any(0 <= turn - act.evidence.turn <= self.blame_turns for turn in cold)]
        told = called[0].evidence.turn if called else 0
        sincere = [act for act in kept if act.evidence.turn >= told]
        shown = tuple(Occasion(act.label, act.evidence, following(plain, act.evidence.turn)) for act in called[:3])
        if sincere:
            return Judged("met", "The agent said sorry for what the customer went through.", proof(sincere), shown)
        if kept:
            reason = "The agent said sorry before the customer told of it, and not for that."
            return Judged("partly", reason, proof(kept), shown)
        if plain:
            return Judged("partly", "The agent said sorry, and then took it back.", proof(plain), shown)
        if weak:
            reason = "The agent's apology put it on the customer, or under a condition."
            return Judged("partly", reason, proof(weak), shown)
        return Judged("missed", "The customer was in trouble, and nobody said sorry.", (), shown)
