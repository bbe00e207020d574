"""Goes the extra mile: something is given beyond what was asked or owed."""

from __future__ import annotations

from rubric.case import Case, Judged, following, one_a_turn, proof
from rubric.tables import Count, InWords, Table, counted
from rubric.types import Occasion


class ExtraMile(Table, frozen=True, tag_field="kind", tag="extra_mile"):
    """Does the agent do more than they must, where the customer has been put to trouble?

    trouble_turns   from so many turns with negative emotion on, more than the usual is called for
    """

    trouble_turns: Count = 3

    def in_words(self) -> InWords:
        """When more is called for."""
        return InWords(
            f"Where {counted(self.trouble_turns, 'turn')} show negative emotion or a let-down, or it is done anyway.",
            "The agent gives more than was asked for or owed.",
            "They do not, but take the matter on or promise to come back.",
            "Neither.",
        )

    def judge(self, case: Case) -> Judged:
        """Met wherever it is done; missed only where a customer was in real trouble."""
        found = case.of("extra_mile")
        trouble = one_a_turn(case.of("negative_emotion", "let_down"))
        shown = tuple(Occasion(act.label, act.evidence, following(found, act.evidence.turn)) for act in trouble[:3])
        if found:
            return Judged("met", "The agent gave more than was asked for or owed.", proof(found), shown)
        if len(trouble) < self.trouble_turns:
            return Judged("not_applicable", "Nothing called for more than what was asked for.")
        if stayed := case.of("ownership", "follow_up"):
            reason = "The agent stayed with the matter, but gave nothing beyond what was owed."
            return Judged("partly", reason, proof(stayed), shown)
        return Judged("missed", "The customer was put to much trouble, and got only what was owed.", (), shown)
