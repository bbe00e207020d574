"""Empathy QA: recorded customer-service calls scored against an empathy rubric, with the proof of every point.

Scoring a folder from Python:

    from qa import Scoring, Store
    with Store.open("qa.duckdb") as store, Scoring(store) as scoring:
        outcomes = list(scoring.batch(["recordings"], metadata="recordings/calls.csv"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.metadata import Metadata
    from qa.scoring import Outcome, Scoring
    from qa.settings import Settings
    from qa.store import Store, StoredCall

_HOMES = {
    "Metadata": "qa.metadata",
    "Outcome": "qa.scoring",
    "Scoring": "qa.scoring",
    "Settings": "qa.settings",
    "Store": "qa.store",
    "StoredCall": "qa.store",
}

__all__ = ["Metadata", "Outcome", "Scoring", "Settings", "Store", "StoredCall"]


def __getattr__(name: str) -> Any:
    """The public names, each imported when first used: `qa --help` needs neither DuckDB nor a model."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qa' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
