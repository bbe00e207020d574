"""The disk that the store lies on: its kind, its room, and whether what is written to it stays."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from qa.doctor.finding import Subject, Verdict, amount, ok, warning, wrong

NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "afs"}
MEMORY = {"tmpfs", "ramfs"}
LAYERS = {"overlay", "aufs"}
MOUNTS = Path("/proc/self/mountinfo")
TIMES = 5
SLOW_S = 0.1
"""Before an upload is answered its recording, its sidecar and their folders are flushed: some ten times."""


def room(subject: Subject) -> Verdict:
    """What is free, against `min_free_bytes`, below which uploads are put off."""
    folder, least = subject.store.parent, subject.settings.min_free_bytes
    if not folder.is_dir():
        return wrong(f"there is no folder {folder}", "make it, or name the store with --store or QA_STORE")
    found = shutil.disk_usage(folder)
    told = f"{amount(found.free)} of {amount(found.total)} free"
    if found.free < least:
        return wrong(
            f"{told}, less than {amount(least)} (min_free_bytes)",
            "make room: until then uploads are answered 507",
        )
    if found.free < 2 * least:
        return warning(f"{told}; below {amount(least)} uploads are put off", "make room soon")
    return ok(told)


def kind(subject: Subject) -> Verdict:
    """What kind of file system it is: on one of the network, locks and flushing may be promises only."""
    if not MOUNTS.is_file():
        return ok("not known on this system")
    where = subject.store.parent
    mounted, type_ = _mount(where, MOUNTS.read_text(encoding="utf-8"))
    told = f"{type_} at {mounted}"
    if type_ in NETWORK:
        return warning(told, "keep the store on a disk of this machine: network locks and flushing cannot be relied on")
    if type_ in MEMORY:
        return warning(told, "keep the store on a disk: this is memory, and gone when the machine stops")
    if type_ in LAYERS:
        return warning(told, "mount a volume for the store: what a container writes into its own layer goes with it")
    return ok(told)


def flushing(subject: Subject) -> Verdict:
    """How long it takes until bytes are on disk for good, tried on a file that has no name."""
    try:
        with tempfile.TemporaryFile(dir=subject.store.parent, buffering=0) as file:
            took_s = statistics.median(_flush_s(file.fileno()) for _ in range(TIMES))
    except OSError as error:
        return wrong(
            f"{subject.store.parent} cannot be written ({error.strerror})",
            "let this user write there, or mount the disk for writing",
        )
    told = f"{took_s * 1000:.1f} ms (median of {TIMES})"
    if took_s > SLOW_S:
        return warning(told, "take a quicker disk: each upload waits for some ten of these")
    return ok(told)


def _flush_s(file: int) -> float:
    began_s = time.perf_counter()
    os.write(file, b"\0" * 4096)
    os.fsync(file)
    return time.perf_counter() - began_s


def _mount(path: Path, table: str) -> tuple[Path, str]:
    """Where the file system of a path is mounted, and its type, by the kernel's table of mounts."""
    found = Path("/"), "unknown"
    for line in table.splitlines():
        head, _, tail = line.partition(" - ")
        place = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), head.split()[4]))
        if path.resolve().is_relative_to(place) and len(place.parts) >= len(found[0].parts):
            found = place, tail.split()[0]
    return found
