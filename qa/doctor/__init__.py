"""Is this machine, and this store, fit to serve? Checks, each a small function, and what they found in words.

    for finding in examine(store="qa.duckdb"):
        print(finding.check, finding.state, finding.found, finding.do)

machine   Python, packages, settings, cores, memory, limits, clock, zones
disk      the disk of the store
speech    the speech model and the rubric
store     the store and what lies beside it

Nothing is changed: the store is opened for reading only, and what cannot be seen that way is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from qa import settings
from qa.doctor import disk, machine, speech, store
from qa.doctor.finding import Check, Finding, State, Subject, Verdict, wrong
from qa.errors import SettingsProblem, StoreProblem
from qa.store.inspection import Inspection
from transcription.errors import Problem

CHECKS: Mapping[str, Check] = {
    "Python": machine.python,
    "packages": machine.packages,
    "settings": machine.settings,
    "cores": machine.cores,
    "memory": machine.memory,
    "limits": machine.limits,
    "temporary files": machine.temporary,
    "clock": machine.clock,
    "time zones": machine.zones,
    "rubric": speech.the_rubric,
    "speech model": speech.model,
    "room on disk": disk.room,
    "kind of disk": disk.kind,
    "flush to disk": disk.flushing,
    "store": store.opens,
    "log of the store": store.log,
    "snapshots": store.snapshots,
    "backups": store.backups,
    "leftover files": store.leftovers,
}
"""What is always looked at, in this order."""

SPEECH: Mapping[str, Check] = {"speech": speech.speech}
"""What takes some seconds, and is looked at where it is asked for."""

INSIDE: Mapping[str, Check] = {
    "file of the store": store.whole,
    "version of the store": store.steps,
}
"""What is looked at in a store that can be opened."""

ROWS: Mapping[str, Check] = {
    "recordings": store.recordings,
    "sidecars": store.sidecars,
    "queue": store.queue,
    "erasures": store.erasures,
    "keys": store.keys,
}
"""What is looked at in a store that has every step of its history."""


def examine(
    *,
    store: str | None = None,
    model: str | None = None,
    rubric: Path | None = None,
    host: str = "127.0.0.1",
    with_speech: bool = False,
) -> Iterator[Finding]:
    """Each check's finding, as it is made. `host` is the address that is to be listened on."""
    with subject(store=store, model=model, rubric=rubric, host=host) as given:
        yield from look(given, {**CHECKS, **(SPEECH if with_speech else {})})
        if given.opened is not None:
            inside = [*look(given, INSIDE)]
            yield from inside
            if all(finding.state == "ok" for finding in inside):
                yield from look(given, ROWS)


def look(given: Subject, checks: Mapping[str, Check]) -> Iterator[Finding]:
    """What these checks say; one that breaks says that, and the others go on."""
    for name, check in checks.items():
        verdict = _verdict(given, check)
        yield Finding(name, verdict.state, verdict.found, verdict.do)


@contextmanager
def subject(
    *,
    store: str | None = None,
    model: str | None = None,
    rubric: Path | None = None,
    host: str = "127.0.0.1",
) -> Iterator[Subject]:
    """What is looked at: the store is open for the block, where it can be opened."""
    unusable = opened = unopened = None
    try:
        found, sources = settings.load(store=store, model=model), settings.sources(store=store, model=model)
    except SettingsProblem as problem:
        unusable, found, sources = problem, settings.load({}, store=store, model=model), {}
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(Inspection.open(Path(found.store)))
        except StoreProblem as problem:
            unopened = problem
        yield Subject(
            settings=found,
            sources=sources,
            unusable=unusable,
            rubric=rubric,
            host=host,
            opened=opened,
            unopened=unopened,
        )


def _verdict(given: Subject, check: Check) -> Verdict:
    try:
        return check(given)
    except Problem as problem:
        return wrong(str(problem), "do what it says")
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are to be made
        cause = " ".join(str(error).split())
        return wrong(f"this could not be looked at ({type(error).__name__}: {cause})", "see to that, and look again")


__all__ = ["Finding", "State", "examine"]
