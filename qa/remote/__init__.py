"""A store that a server holds, asked over HTTP: what it answers is what `qa.store` and `qa.scoring` would.

client   the server's address and key, and its errors made into ours; nothing else imports httpx
store    `RemoteStore`, in the place of a `qa.store.Store`
scoring  `RemoteScoring`, in the place of a `qa.scoring.Scoring`
values   answers to SQL, as DuckDB gives their values to Python

    with RemoteStore.open("https://qa.example.org", key) as store, RemoteScoring(store) as scoring:
        outcomes = list(scoring.batch(["recordings"], metadata="recordings/calls.csv"))
"""

from qa.remote.scoring import RemoteScoring
from qa.remote.store import RemoteStore

__all__ = ["RemoteScoring", "RemoteStore"]
