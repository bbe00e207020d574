"""The store: one DuckDB file, owned by one process at a time, and the recordings in a folder beside it.

Nothing outside this package imports duckdb.
"""

from qa.store.erasures import Erasure
from qa.store.retention import Kept
from qa.store.store import Store
from qa.store.types import (
    AuditPage,
    By,
    CallRow,
    Comparison,
    Delivery,
    DeliveryPage,
    DeliveryState,
    Ended,
    Entry,
    Job,
    JobPage,
    KeptTranscript,
    Page,
    Result,
    Scored,
    State,
    StoredCall,
    Team,
)

__all__ = [
    "AuditPage",
    "By",
    "CallRow",
    "Comparison",
    "Delivery",
    "DeliveryPage",
    "DeliveryState",
    "Ended",
    "Entry",
    "Erasure",
    "Job",
    "JobPage",
    "Kept",
    "KeptTranscript",
    "Page",
    "Result",
    "Scored",
    "State",
    "Store",
    "StoredCall",
    "Team",
]
