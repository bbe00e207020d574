"""The store: who has it, what it is made of, and whether what lies beside it fits what it knows. Nothing is changed."""

from __future__ import annotations

import ipaddress
import os
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from qa.announcement import server_of
from qa.doctor.finding import Subject, Verdict, ago, amount, ok, warning, wrong
from qa.errors import StoreHeld
from qa.store import backup
from qa.store.database import REWRITING
from qa.store.opening import absent
from qa.store.sidecars import Sidecars

ASKED_WITHIN_S = 5.0
LARGE_LOG_BYTES = 256 << 20
"""DuckDB empties its log from 16 MB on; one that is much larger is not being emptied."""

OLD_S = 2 * 86_400.0
NAMED = 3
RESTORE = "put the folder FILE.files back from the newest backup (docs/service.md)"


def opens(subject: Subject) -> Verdict:
    """The store can be opened, or whoever holds it serves it."""
    path = subject.store
    if subject.opened is not None:
        return ok(f"{path}, {amount(path.stat().st_size)}")
    problem = subject.unopened
    if isinstance(problem, StoreHeld):
        return _held(path, problem)
    if absent(path.parent):
        return wrong(f"{path}: there is no folder {path.parent}", "make it, or name the store with --store or QA_STORE")
    if absent(path) and _files(path).is_dir():
        return wrong(
            f"there is no store {path}, and recordings of one lie beside it",
            "put the store back from a backup; without one, `qa serve` makes it anew from the sidecars",
        )
    if absent(path):
        return warning(f"there is no store {path}", "name it with --store or QA_STORE; `qa serve` makes a new one")
    return wrong(str(problem), "do as it says; docs/service.md tells how a backup is put back")


def _held(path: Path, problem: StoreHeld) -> Verdict:
    who = f"held by process {problem.pid}" if problem.pid else "held by another process"
    unseen = "its rows cannot be looked at meanwhile"
    url = server_of(path, pid=problem.pid)
    if url is None:
        return warning(
            f"{path} is {who}, and no server says that it serves it; {unseen}",
            f"see what it is (ps -p {problem.pid}); GET /readyz of a server says how it is"
            if problem.pid
            else "see which process has it open (fuser, lsof)",
        )
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=ASKED_WITHIN_S):  # noqa: S310 - as our server wrote it
            return ok(f"{path} is {who}, whose server at {url} is ready; {unseen}")
    except urllib.error.HTTPError as error:
        return wrong(f"{path} is {who}, whose server at {url} is not ready: {_detail(error)}", "see to what it says")
    except OSError as error:
        return wrong(
            f"{path} is {who}, whose server at {url} does not answer ({getattr(error, 'reason', error)})",
            "look into its log; end it (SIGTERM) and start it again if it stays so",
        )


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(msgspec.json.decode(error.read())["detail"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"HTTP {error.code}"


# What lies on disk


def log(subject: Subject) -> Verdict:
    """The log that DuckDB writes ahead of the file."""
    path = _beside(subject.store, ".wal")
    size = path.stat().st_size if path.is_file() else 0
    if size > LARGE_LOG_BYTES:
        return warning(amount(size), "start the server, which empties it; if it stays so, see its log for why")
    return ok(amount(size))


def snapshots(subject: Subject) -> Verdict:
    """What SQL is answered from; it is written when something has changed."""
    folder = _beside(subject.store, ".snapshots")
    found = [path.stat().st_mtime for path in folder.glob("*.duckdb")]
    if not found:
        return ok("none yet; the first question in SQL makes one")
    return ok(f"written {ago(max(0.0, time.time() - max(found)))} ago")


def backups(subject: Subject) -> Verdict:
    """The newest of those that the server was asked for."""
    if not subject.settings.backups:
        return ok("the setting backups names no folder: whether there are any elsewhere is not known here")
    found = backup.all_in(Path(subject.settings.backups), subject.store)
    if not found:
        return warning(f"none in {subject.settings.backups}", "make one each day: POST /api/backups")
    age_s = max(0.0, time.time() - found[-1].stat().st_mtime)
    if age_s > OLD_S:
        return warning(f"the newest is {ago(age_s)} old", "see why none was made since: POST /api/backups")
    return ok(f"{len(found)}, the newest {ago(age_s)} old")


def leftovers(subject: Subject) -> Verdict:
    """Temporary files of processes that were ended; while somebody has the store they may be in use."""
    if isinstance(subject.unopened, StoreHeld):
        return ok("not looked for while the store is in use")
    found = sorted(_temporary(subject.store))
    if not found:
        return ok("none")
    size = sum(_size(path) for path in found)
    named = _named([str(path) for path in found])
    return warning(f"{len(found)}, {amount(size)}: {named}", "remove them, now that nobody has the store open")


def _temporary(store: Path) -> Iterator[Path]:
    files = _files(store)
    yield from store.parent.glob("snapshot-*/")
    yield from store.parent.glob(f"{store.name}.wal.damaged-*")
    yield from store.parent.glob(f"{store.name}{REWRITING}")
    yield from _beside(store, ".snapshots").glob("scratch-*")
    yield from (files / "incoming").glob("*")
    yield from (path for path in (files / "calls").glob("*/tmp*") if path.suffix != ".json")


# What the store says of it. Each of these is asked only where the store is open.


def steps(subject: Subject) -> Verdict:
    """The steps of its history that the store has."""
    done, known = subject.inspection.steps()
    if done < known:
        return warning(
            f"{done} of {known}: an older version made it",
            "make a backup, then start the server: it is brought up to date",
        )
    return ok(f"{done} of {known}")


def whole(subject: Subject) -> Verdict:
    """The file is as long as it says."""
    if lacking := subject.inspection.lacking_bytes():
        return wrong(f"{subject.store} lacks {amount(lacking)} at its end", "put it back from a backup: it was cut off")
    return ok(f"{amount(subject.store.stat().st_size)}, as long as it should be")


def recordings(subject: Subject) -> Verdict:
    """Each call's recording is there, and each recording is a call's."""
    kept = set(_kept(subject.store))
    wanted = subject.inspection.recordings()
    if missing := sorted(call_id for sha256, call_id in wanted.items() if sha256 not in kept):
        return wrong(
            f"{len(missing)} of {len(wanted)} calls have none: {_named(missing)}",
            f"{RESTORE}; without them they cannot be heard or transcribed again",
        )
    if unknown := sorted(kept - subject.inspection.hashes()):
        return warning(
            f"{len(wanted)} calls, and {len(unknown)} recordings that no call has: {_named(unknown)}",
            "remove them from FILE.files once it is sure that no call of an older backup is theirs",
        )
    return ok(f"{len(wanted)}, each of a call")


def sidecars(subject: Subject) -> Verdict:
    """Each call that came over HTTP has its witness, and each witness its call."""
    written = Sidecars(_files(subject.store) / "calls").all()
    if missing := sorted(subject.inspection.taken() - written):
        return wrong(f"{len(missing)} calls that came over HTTP have none: {_named(missing)}", RESTORE)
    if alone := sorted(written - subject.inspection.calls()):
        return warning(
            f"{len(alone)} have no call in the store: {_named(alone)}",
            "start the server: it puts back what they say, and scores it",
        )
    return ok(f"{len(written)}, each of a call")


def queue(subject: Subject) -> Verdict:
    """What waits, and what failed."""
    counted, (can_retry, cannot) = subject.inspection.queue(), subject.inspection.failed()
    waiting = counted.get("queued", 0) + counted.get("running", 0)
    told = f"{waiting} wait, {can_retry + cannot} failed"
    if can_retry:
        return warning(f"{told}, {can_retry} of them can be tried again", "POST /api/jobs/{id}/retry, with the server")
    return ok(told)


def erasures(subject: Subject) -> Verdict:
    """Calls that are erased are out of every file."""
    if left := subject.inspection.unfinished_erasures():
        return warning(
            f"bytes of {len(left)} erased calls may stand in the store's file: {_named(sorted(left))}",
            "start the server: it writes the file anew",
        )
    return ok("none unfinished")


def keys(subject: Subject) -> Verdict:
    """Somebody can ask, and from elsewhere nobody can without a key."""
    found = subject.inspection.keys()
    good = [key for key in found if key.revoked_at is None]
    if not found:
        if not _loopback(subject.host):
            return wrong(f"none, and {subject.host} can be reached from elsewhere", "qa keys create NAME --role ROLE")
        return ok("none: served on this machine alone")
    told = f"{len(good)} good, {len(found) - len(good)} revoked"
    if not good:
        return wrong(f"{told}: nobody can ask the server", "qa keys create NAME --role administer")
    if not any("administer" in key.roles for key in good):
        return warning(f"{told}, none of which may administer", "qa keys create NAME --role administer")
    return ok(told)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _kept(store: Path) -> Iterator[str]:
    """The hashes of the recordings that are there."""
    root = _files(store)
    for folder in root.iterdir() if root.is_dir() else ():
        if len(folder.name) == 2 and folder.is_dir():
            yield from (entry.name for entry in os.scandir(folder) if len(entry.name) == 64)


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path.rglob("*") if path.is_dir() else [path]) if each.is_file())


def _named(names: Collection[str]) -> str:
    """The first few of them."""
    few = ", ".join([*names][:NAMED])
    return few if len(names) <= NAMED else f"{few} and {len(names) - NAMED} more"


def _files(store: Path) -> Path:
    return _beside(store, ".files")


def _beside(store: Path, ending: str) -> Path:
    return store.with_name(store.name + ending)
