"""The machine: Python and its packages, cores, memory, limits, the clock, zone data, and the settings in force."""

from __future__ import annotations

import os
import platform
import resource
import tempfile
import time
import zoneinfo
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import qa
from qa.doctor.finding import Subject, Verdict, ago, amount, ok, warning, wrong
from qa.settings import FILE_VARIABLE, MODELS_VARIABLE, SECRET, Settings
from transcription import models
from transcription.errors import ModelProblem

PACKAGE = "empathy-qa"
REINSTALL = "install what requirements.lock names: python -m pip install --require-hashes -r requirements.lock"

WORKER_BYTES, PER_MODEL_BYTE = 1_060_000_000, 2.4
"""The most memory that a worker takes: 1.25 GB with tiny.en (78 MB) for ten minutes of talk, and hardly more from three
minutes on. For two minutes it was 698 MB, and with base (150 MB) 872, from which other models are reckoned."""

ADDRESSES_BYTES, ADDRESSES_PER_MODEL_BYTE = 1_620_000_000, 5.5
"""The address space of the same, which `worker_memory_bytes` bounds: 2.05 GB; for two minutes 1.33, with base 1.72."""

SERVER_BYTES = 420_000_000
"""What the server's own process (250 MB) and the one that judges (170 MB) may take."""

OPEN_FILES = 1024
"""A connection is one, an upload another; DuckDB has some of its own."""

CLOCK_SLACK_S = 60.0


def python(_: Subject) -> Verdict:
    """Its version, against what the package asks for."""
    wanted, found = metadata.metadata(PACKAGE)["Requires-Python"], platform.python_version()
    if found in SpecifierSet(wanted):
        return ok(f"{found} ({platform.machine()}, {platform.system()})")
    return wrong(f"{found}, where {wanted} is asked for", "make a new environment with a Python that fits")


def packages(_: Subject) -> Verdict:
    """Each dependency, against the range that the package asks for."""
    needed = [Requirement(line) for line in metadata.requires(PACKAGE) or ()]
    needed = [each for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    bad = []
    for each in needed:
        try:
            found = metadata.version(each.name)
        except metadata.PackageNotFoundError:
            bad.append(f"{each.name} is not installed")
            continue
        if not each.specifier.contains(found, prereleases=True):
            bad.append(f"{each.name} is {found}, where {each.specifier} is asked for")
    if bad:
        return wrong("; ".join(bad), REINSTALL)
    return ok(f"{len(needed)} of {len(needed)} in range; duckdb {metadata.version('duckdb')}")


def settings(subject: Subject) -> Verdict:
    """What is not left at its default, and where that comes from."""
    if subject.unusable is not None:
        return wrong(str(subject.unusable), "mend that first: all else here goes by the defaults")
    told = [
        f"{name} = {'…' if name in SECRET else getattr(subject.settings, name)} ({source})"
        for name, source in subject.sources.items()
    ]
    told += [f"{name} = {os.environ[name]}" for name in (FILE_VARIABLE, MODELS_VARIABLE) if os.environ.get(name)]
    return ok("; ".join(told) or "all at their defaults")


def cores(subject: Subject) -> Verdict:
    """What this process may use, against `workers`."""
    found, workers = _cores(), subject.settings.workers
    if workers > found:
        return warning(
            f"{found:g} for {workers} workers",
            f"set QA_WORKERS to {max(1, int(found))}: each worker uses all cores, and more workers only wait",
        )
    return ok(f"{found:g} for {workers} worker{'s' * (workers > 1)}")


def memory(subject: Subject) -> Verdict:
    """What there is, against `workers` times what the model needs, and times what they may take."""
    model = _model(subject.settings)
    workers, may = subject.settings.workers, subject.settings.worker_memory_bytes
    total, available = _memory()
    need = SERVER_BYTES + workers * (WORKER_BYTES + PER_MODEL_BYTE * model)
    addresses = ADDRESSES_BYTES + ADDRESSES_PER_MODEL_BYTE * model
    found = f"{amount(available)} of {amount(total)} free; server and workers need {amount(need)}"
    if may < addresses:
        return wrong(
            f"a worker may take {amount(may)} (worker_memory_bytes), and ten minutes of talk need {amount(addresses)}",
            f"set QA_WORKER_MEMORY_BYTES to {int(2 * addresses):d} or more",
        )
    if need > total:
        return wrong(found, "set QA_WORKERS lower, take a smaller model, or give the machine more memory")
    if need > available:
        return warning(found, "see what else takes memory here, or set QA_WORKERS lower")
    if workers * may > total:
        return warning(
            f"{found}; {workers} × {amount(may)} (worker_memory_bytes) are more than there is",
            f"set QA_WORKER_MEMORY_BYTES to {max(int(addresses), int((total - SERVER_BYTES) / workers)):d}, so that a "
            "recording that takes too much fails alone",
        )
    return ok(found)


def limits(subject: Subject) -> Verdict:
    """Open files, address space and file sizes that this user may have."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    space = resource.getrlimit(resource.RLIMIT_AS)[1]
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    may = subject.settings.worker_memory_bytes
    if space != resource.RLIM_INFINITY and space < may:
        return wrong(
            f"address space {amount(space)}, where a worker is to be given {amount(may)} (worker_memory_bytes)",
            "raise `ulimit -v` (LimitAS of the unit), or set QA_WORKER_MEMORY_BYTES below it",
        )
    if largest != resource.RLIM_INFINITY:
        return warning(
            f"files of at most {amount(largest)}", "raise `ulimit -f` (LimitFSIZE of the unit): the store grows past it"
        )
    if files != resource.RLIM_INFINITY and files < OPEN_FILES:
        return warning(f"{files} open files", f"raise `ulimit -n` (LimitNOFILE of the unit) to {OPEN_FILES} or more")
    return ok(f"{'any number of' if files == resource.RLIM_INFINITY else files} open files, address space enough")


def temporary(_: Subject) -> Verdict:
    """Whether the folder for temporary files can be written; libraries ask for one."""
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
    except OSError as error:
        return wrong(f"none can be written ({error.strerror})", "set TMPDIR to a folder that this user may write to")
    return ok(folder)


def clock(subject: Subject) -> Verdict:
    """Now in UTC, which is neither before this program was installed nor before what the store holds."""
    now_s = time.time()
    told = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    witnesses = {"this program's own files": Path(qa.__file__).stat().st_mtime}
    files = subject.store.with_name(subject.store.name + ".files")
    paths = [subject.store, subject.store.with_name(subject.store.name + ".wal"), files, *files.glob("*")]
    if known := [path.stat().st_mtime for path in paths if path.exists()]:
        witnesses["the newest file of the store"] = max(known)
    if subject.opened is not None and (newest := subject.opened.newest_at()) is not None:
        witnesses["the newest row of the store"] = newest.timestamp()
    for name, then_s in witnesses.items():
        if then_s > now_s + CLOCK_SLACK_S:
            return wrong(
                f"{told}, {ago(then_s - now_s)} before {name}",
                "set the clock and keep it by NTP: waits, leases and the ages of calls go by it",
            )
    return ok(told)


def zones(subject: Subject) -> Verdict:
    """Whether zone data is there, and knows the configured zone."""
    name = subject.settings.time_zone
    try:
        zone = zoneinfo.ZoneInfo(name)
        count = len(zoneinfo.available_timezones())
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        return wrong(f"{name} is not known", "install the package tzdata, or the system's zone data")
    return ok(f"{count} zones; a time without an offset is {name} (now {datetime.now(zone):%H:%M})")


def _model(settings: Settings) -> int:
    """The bytes of the speech model; 0 where it is not here, which its own check says."""
    try:
        return models.locate(settings.model, fetch=False).size_bytes
    except ModelProblem:
        return 0


def _cores() -> float:
    """The cores that this process may use: fewer where it is held to some, or by a container's quota."""
    most = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    words = _cgroup("cpu.max").split()
    return min(most, int(words[0]) / int(words[1])) if len(words) == 2 and words[0].isdigit() else most


def _memory() -> tuple[int, int]:
    """All memory and what is free of it, in bytes; less where a container holds it to less."""
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
    total, available = (int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    most = _cgroup("memory.max").strip()
    if most.isdigit() and int(most) < total:
        used = _cgroup("memory.current").strip()
        return int(most), min(available, int(most) - (int(used) if used.isdigit() else 0))
    return total, available


def _cgroup(name: str) -> str:
    """A limit of the container that this runs in, as the kernel writes it; empty where there is none."""
    try:
        return Path("/sys/fs/cgroup", name).read_text(encoding="ascii")
    except OSError:
        return ""
