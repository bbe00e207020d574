"""What can go wrong in keeping and comparing calls. See `transcription.errors` for the whole tree.

Problem
├── WorkerLost             the process that transcribed a recording was lost, or ended for taking too much
├── NoWorker               no process can be had that would transcribe it
├── SettingsProblem        a setting is unknown or has a value that it cannot have
├── MetadataProblem        what is said about a call does not have the form it should
└── StoreProblem           the store cannot do what was asked
    ├── StoreUnavailable   it cannot be read or written now
    │   ├── StoreHeld      another process has it open
    │   └── StoreFull      there is no room on its disk
    ├── ServerProblem      the server that holds it cannot be asked, or does not let us
    ├── CallNotFound       no call has that id or contact id
    ├── PageNotFound       no page of calls begins after that one
    ├── CallKnown          the recording is a call already, of which something else is said
    ├── KeyNotFound        no API key has that id
    ├── JobNotFound        no job has that number
    ├── DeliveryNotFound   no delivery of a webhook has that number
    ├── JobProblem         a job cannot be cancelled or tried again as it is
    ├── JobCancelled       what was done for a job is not wanted any more
    ├── ContactTaken       the contact id already belongs to another recording of the team
    └── QueryProblem       a query is refused, or DuckDB cannot run it
"""

from __future__ import annotations

from transcription.errors import Problem


class WorkerLost(Problem):
    """The process that transcribed a recording was lost, or was ended for taking too long or too much memory."""


class NoWorker(Problem):
    """No process could be had for a recording: nothing was begun, and nothing is said of the recording."""


class SettingsProblem(Problem):
    """A setting is unknown or has a value that it cannot have."""


class MetadataProblem(Problem):
    """What is said about a call does not have the form it should: an unknown name, a bad value."""


class StoreProblem(Problem):
    """The store cannot be opened, or cannot do what was asked of it."""


class StoreUnavailable(StoreProblem):
    """The store cannot be read or written now; it can once the cause, which is none of a call's, is gone."""


class StoreFull(StoreUnavailable):
    """There is no room on the store's disk for what was to be written."""


class StoreHeld(StoreUnavailable):
    """Another process has the store open; one process owns it at a time. `pid` is that process, where it is known."""

    def __init__(self, text: str, *, pid: int | None = None) -> None:
        super().__init__(text)
        self.pid = pid


class ServerProblem(StoreProblem):
    """The server that holds the store cannot be reached, is not one of ours, or does not let us."""


class CallNotFound(StoreProblem):
    """No call in the store has that call id or contact id, or several teams have that contact id."""


class PageNotFound(StoreProblem):
    """A page of calls was asked for that would begin after a call which is not there."""


class CallKnown(StoreProblem):
    """The recording is a call of the team already, and something else is said of it."""


class KeyNotFound(StoreProblem):
    """No API key has that id."""


class JobNotFound(StoreProblem):
    """No job has that number."""


class DeliveryNotFound(StoreProblem):
    """No delivery of a webhook has that number."""


class JobCancelled(StoreProblem):
    """A job was cancelled while it was done: its result is not kept."""


class JobProblem(StoreProblem):
    """A job is not in a state in which that can be done with it."""


class ContactTaken(StoreProblem):
    """The contact id already belongs to another recording of the same team."""


class QueryProblem(StoreProblem):
    """A query is not one SELECT, or DuckDB cannot run it."""
