"""What a check says: all is well, be warned, or it is wrong; the figure found, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from qa.errors import SettingsProblem, StoreProblem
from qa.settings import Settings
from qa.store.inspection import Inspection

State = Literal["ok", "warning", "wrong"]


class Finding(msgspec.Struct, frozen=True):
    """What one check found. `do` is one line of what to do; None where all is well."""

    check: str
    state: State
    found: str
    do: str | None = None


class Verdict(msgspec.Struct, frozen=True):
    """A finding before it has the name of its check."""

    state: State
    found: str
    do: str | None = None


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at: the settings in force with their sources, and the store, opened or with why it is not.

    Settings that are `unusable` are the defaults.
    """

    settings: Settings
    sources: Mapping[str, str]
    unusable: SettingsProblem | None
    rubric: Path | None
    host: str
    opened: Inspection | None
    unopened: StoreProblem | None

    @property
    def store(self) -> Path:
        return Path(self.settings.store).absolute()

    @property
    def inspection(self) -> Inspection:
        """The open store, for checks that are made only of one."""
        assert self.opened is not None
        return self.opened


Check = Callable[[Subject], Verdict]


def ok(found: str) -> Verdict:
    """All is well."""
    return Verdict("ok", found)


def warning(found: str, do: str) -> Verdict:
    """It works, and may not for long, or not as it should."""
    return Verdict("warning", found, do)


def wrong(found: str, do: str) -> Verdict:
    """It does not work."""
    return Verdict("wrong", found, do)


def amount(count: float) -> str:
    """Bytes as people say them: `1.4 GB`, `78 MB`, `12 kB`."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{count:.0f} bytes"


def ago(seconds: float) -> str:
    """A length of time as people say it: `12 s`, `5 min`, `3 h`, `9 days`."""
    for size, unit in ((86_400 * 2, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / (86_400 if unit == 'days' else size):.0f} {unit}"
    return f"{seconds:.0f} s"
