"""The policy of how long calls are kept, in words, and the clock that it goes by."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from qa.settings import Settings

MOST_DRIFT_S = 3600.0
"""A wall clock that has gone so much faster or slower than time itself has been set, and may be wrong."""

_log = logging.getLogger(__name__)


def described(settings: Settings) -> str:
    """`calls are kept for 365 days, of team North for 90 days`."""
    own = [f"of team {team} {_for(days)}" for team, days in sorted(settings.retention_days_by_team.items())]
    return ", ".join((f"calls are kept {_for(settings.retention_days)}", *own))


def _for(days: int | None) -> str:
    return "for ever" if days is None else f"for {days} day{'' if days == 1 else 's'}"


def _passed_s() -> float:
    """Seconds that only go on, also while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Clock:
    """The time of day for what erases by age, for as long as it can be trusted.

    Once it is an hour away from where it should be, by the seconds that have passed since this was made, it is not
    trusted again: what a wrong clock erases does not come back.
    """

    def __init__(self, wall: Callable[[], float] = time.time, passed_s: Callable[[], float] = _passed_s) -> None:
        self._wall, self._passed_s = wall, passed_s
        self._began = wall() - passed_s()
        self._trusted = True

    def now(self) -> datetime | None:
        """The time (UTC); None where it cannot be trusted."""
        wall = self._wall()
        drift_s = wall - self._passed_s() - self._began
        if self._trusted and abs(drift_s) > MOST_DRIFT_S:
            self._trusted = False
            _log.error(
                "the clock was set by %.1f hours since the start: nothing is erased by its age until the server is "
                "started again with the right time",
                drift_s / 3600,
            )
        return datetime.fromtimestamp(wall, UTC) if self._trusted else None
