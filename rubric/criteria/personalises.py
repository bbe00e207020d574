"""Personalises: this customer is spoken to, by name, history and circumstances, in words they know."""

from __future__ import annotations

from rubric.balance import Balance, Reasons


class Personalises(Balance, frozen=True, tag_field="kind", tag="personalises"):
    """Is this customer treated as a person: name, history, circumstances, their level of knowledge?"""

    reasons = Reasons(
        met="The agent spoke to this customer and their circumstances",
        partly="The agent spoke to this customer only in passing",
        missed="Little of what the agent said was meant for this customer rather than for any",
        lacks="The agent helped, but said nothing that was meant for this customer rather than for any",
    )
