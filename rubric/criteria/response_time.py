"""Response time in writing: how long a customer waits for an answer, or for an update where it is not solved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from rubric import acts
from rubric.case import Case, Judged
from rubric.checking import nearest
from rubric.tables import InWords, Seconds, Share, Table, Wrong, counted, not_over, share_of
from rubric.types import Evidence, Occasion
from transcription.types import Turn

Clock = Annotated[
    str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="it is a time of the day, HH:MM: 09:00")
]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Days = Annotated[tuple[Day, ...], msgspec.Meta(min_length=1, description='name at least one day: ["mon"]')]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ResponseTime(Table, frozen=True, tag_field="kind", tag="response_time"):
    """Does the customer get an answer, or an update where it is not solved, in time?

    The limits are those of the articles: an hour on social media, six hours by e-mail.

    social_limit_s   longest wait on social media, in seconds
    email_limit_s    longest wait by e-mail, in seconds
    met_share        share of the waits that must be within the limit for met
    partly_share     and for partly; so is it where all are within the limit by business hours alone
    days             the days of the week on which the business is open
    opens            when it opens, HH:MM
    closes           when it closes, HH:MM
    zone             the zone of these two, by its name in the zone database (Europe/London)
    """

    social_limit_s: Seconds = 3600.0
    email_limit_s: Seconds = 21600.0
    met_share: Share = 1.0
    partly_share: Share = 0.5
    days: Days = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    )
    opens: Clock = "09:00"
    closes: Clock = "17:00"
    zone: str = "UTC"

    def wrong(self) -> Iterator[Wrong]:
        """Hours that end before they begin, a zone that is none, shares the wrong way round."""
        if self.opens >= self.closes:
            yield Wrong("closes", f"it closes at {self.closes}, and opens at {self.opens}", "let closes be later")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            cure = nearest(self.zone, sorted(available_timezones()), "name one like 'Europe/London'")
            yield Wrong("zone", f"there is no zone {self.zone!r}", cure)
        yield from not_over(self, "partly_share", "met_share")

    def in_words(self) -> InWords:
        """The limits, and when the business is open."""
        limits = f"{_span(self.social_limit_s)} on social media, {_span(self.email_limit_s)} by e-mail"
        hours = f"{', '.join(self.days)}, {self.opens} to {self.closes} {self.zone}"
        return InWords(
            "On social media and by e-mail, where messages say when they were sent.",
            f"In time ({limits}) come {share_of(self.met_share, 'the answers')}.",
            f"In time come {share_of(self.partly_share, 'them')}; or all, counting business hours alone ({hours}).",
            "Fewer do.",
        )

    def judge(self, case: Case) -> Judged:
        """By the calendar; what only business hours excuse is partly."""
        limits = {"social": self.social_limit_s, "email": self.email_limit_s}
        limit_s = limits.get(case.transcript.medium)
        if limit_s is None:
            return Judged("not_applicable", "Only e-mail and social media have a time to answer in.")
        if any(each.turn.sent_at is None for each in case.said):
            return Judged("not_scorable", "The messages do not say when they were sent.")
        sent = [_moment(each.turn, self.zone) for each in case.said]
        if sent != sorted(sent):
            return Judged("not_scorable", "The messages are not in the order of the times at which they were sent.")
        waits = tuple(self._waits([each.turn for each in case.said]))
        if not waits:
            return Judged("not_applicable", "No message of the customer's was waiting for an answer.")
        late = [each for each in waits if each.calendar_s > limit_s]
        shown = tuple(
            Occasion("message", _quoted(each.asked), _quoted(each.answered) if each.answered else None)
            for each in waits
        )
        longest = max(waits, key=lambda each: each.calendar_s)
        never = " and had no answer" if longest.answered is None else ""
        reason = (
            f"Within {_span(limit_s)}: {len(waits) - len(late)} of {counted(len(waits), 'answer')}; the longest wait "
            f"was {_span(longest.calendar_s)}{never}, {_span(longest.business_s)} of it in business hours."
        )
        share = 1 - len(late) / len(waits)
        proof = tuple(_quoted(each.answered or each.asked) for each in late or waits)
        if share >= self.met_share:
            return Judged("met", reason, proof, shown)
        excused = all(each.business_s <= limit_s for each in late)
        return Judged("partly" if excused or share >= self.partly_share else "missed", reason, proof, shown)

    def _waits(self, turns: list[Turn]) -> Iterator[Wait]:
        """From each first unanswered message of the customer's to the agent's next.

        Where none comes, the wait is known as far as the customer's last message; the last message of all may close
        the talk and wait for nothing.
        """
        asked: Turn | None = None
        for turn in turns:
            if turn.speaker == "customer":
                asked = asked or turn
            elif turn.speaker == "agent" and asked is not None:
                yield self._wait(asked, turn, turn)
                asked = None
        if asked is not None and asked is not turns[-1]:
            yield self._wait(asked, None, turns[-1])

    def _wait(self, asked: Turn, answered: Turn | None, until: Turn) -> Wait:
        start, end = _moment(asked, self.zone), _moment(until, self.zone)
        return Wait(asked, answered, (end - start).total_seconds(), self._open_s(start, end))

    def _open_s(self, start: datetime, end: datetime) -> float:
        """Seconds between two moments while the business is open."""
        zone = ZoneInfo(self.zone)
        opens, closes = time.fromisoformat(self.opens), time.fromisoformat(self.closes)
        day, total = start.astimezone(zone).date(), 0.0
        while day <= end.astimezone(zone).date():
            if _DAYS[day.weekday()] in self.days:
                first = max(start, datetime.combine(day, opens, zone))
                last = min(end, datetime.combine(day, closes, zone))
                total += max(0.0, (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds())
            day += timedelta(days=1)
        return total


class Wait(NamedTuple):
    """A customer's message and the answer to it, with the seconds between by the calendar and in business hours.

    Without an answer they are the seconds to the customer's last message.
    """

    asked: Turn
    answered: Turn | None
    calendar_s: float
    business_s: float


def _moment(turn: Turn, zone: str) -> datetime:
    """When a message was sent; without an offset in the zone of the business.

    In UTC: between two times of one zone Python counts the hours of the clock, also where the clock was changed.
    """
    sent = datetime.fromisoformat(turn.sent_at or "")
    return (sent if sent.tzinfo else sent.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _quoted(turn: Turn) -> Evidence:
    return acts.beginning(turn, "response_time")


def _span(seconds: float) -> str:
    """A time as people say it: 45 min, 6 h 10 min, 2 d 3 h."""
    minutes = round(seconds / 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{rest} min"
