"""The store as one object: what it can do, each done in a module of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from msgspec import structs

from qa import access
from qa.access import Key, Role
from qa.errors import StoreProblem
from qa.metadata import Metadata
from qa.outcomes import Imported, Row
from qa.settings import Settings
from qa.store import (
    accuracy,
    backup,
    calls,
    erasures,
    export,
    jobs,
    keys,
    migrations,
    outcomes,
    queries,
    retention,
    scorecards,
    service,
    webhooks,
)
from qa.store.audit import Audit
from qa.store.backup import Backup
from qa.store.database import REWRITING, Connection, Database
from qa.store.erasures import Erasure, Tombstones
from qa.store.files import Files
from qa.store.reconcile import reconcile
from qa.store.retention import Kept
from qa.store.side_log import SideLog
from qa.store.sidecars import Sidecar, Sidecars
from qa.store.snapshots import Snapshots
from qa.store.types import (
    By,
    CallRow,
    Comparison,
    Ended,
    Job,
    JobPage,
    KeptTranscript,
    Page,
    Result,
    Scored,
    State,
    StoredCall,
    Team,
)  # fmt: skip
from qa.store.webhooks import Webhooks
from rubric import Rubric
from transcription.types import Transcript

_log = logging.getLogger(__name__)
# What is said of a call that its scorecard rests on.
_JUDGED_BY = frozenset({"agent_channel", "medium", "language"})


class Store:
    """An open store. Any number of threads may read; writes take turns. Make one with `Store.open`."""

    def __init__(self, path: Path, database: Database, *, settings: Settings, read_only: bool) -> None:
        self.path = path
        self.settings = settings
        self.read_only = read_only
        self.files = Files(path.with_name(path.name + ".files"))
        self.sidecars = Sidecars(self.files.root / "calls")
        self._tombstones = Tombstones(self.files.root / "erased")
        self.webhooks = Webhooks(database)
        self.audit = Audit(database, SideLog(self.files.root / "audit"))
        self._database = database
        self._snapshots = Snapshots(database, path.with_name(path.name + ".snapshots"))

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False, settings: Settings | None = None) -> Store:
        """Open the store in a file, which is made where it is not there, and bring it up to date.

        With `read_only` it must be there. Raises StoreHeld while another process has it open, and StoreProblem
        where the file is no store, is of a newer version, or cannot be read or written.
        """
        path = Path(path)
        database = Database.open(path, read_only=read_only)
        store = cls(path, database, settings=settings or Settings(), read_only=read_only)
        try:
            store._prepare()
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self) -> None:
        if self.read_only:
            with self._database.reading() as con:
                if migrations.pending(con, self.path):
                    raise StoreProblem(
                        f"the store {self.path} is from an older version; score a call into it, or serve it, "
                        "and it is brought up to date"
                    )
            return
        with self._database.alone() as con:
            migrations.migrate(con, self.path)
        with self._database.writing() as con:
            for name in ("min_calls", "min_agents"):
                con.execute("INSERT OR REPLACE INTO floors VALUES (?, ?)", [name, getattr(self.settings, name)])
            accuracy.refresh(con)
            alone = erasures.erase_again(con, self._tombstones, self.sidecars, self.files, now=_now())
            put_back = reconcile(con, self.sidecars, now=_now())
            erasures.remove_unknown(con, self.files, alone)
        if any(put_back):
            _log.warning("put back into the store: %d calls; queued to be scored: %d", *put_back)
        self.audit.gather()
        self.files.sweep()
        self.path.with_name(self.path.name + REWRITING).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file, so that others can open it."""
        self._snapshots.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Calls

    def save(self, scored: Scored) -> StoredCall:
        """Write a scored call, or replace its scorecard: whole or not at all.

        Raises ContactTaken where another recording of the team has the contact id.
        """
        return self.save_all([scored])[0]

    def save_all(self, scored: Sequence[Scored]) -> tuple[StoredCall, ...]:
        """Write several calls, no call twice, in one transaction: all or none. Much quicker than one by one."""
        with self._database.writing() as con:
            return scorecards.write(con, scored, now=_now())

    def describe(self, sha256: str, metadata: Metadata) -> StoredCall:
        """Write what is said about a call that is stored already; what was said before stays where nothing new is.

        Raises ContactTaken where another recording of the team has the contact id.
        """
        with self._database.writing() as con:
            return scorecards.read_call(con, calls.write_call(con, sha256=sha256, metadata=metadata, now=_now()))

    def check_contact(self, *, sha256: str, metadata: Metadata) -> None:
        """Raise ContactTaken where another recording of the team has the contact id."""
        with self._database.reading() as con:
            calls.check_contact(con, metadata, calls.find_recording(con, team=metadata.team, sha256=sha256))

    def find(self, *, team: str, sha256: str) -> StoredCall | None:
        """The call of a recording within a team."""
        with self._database.reading() as con:
            call_id = calls.find_recording(con, team=team, sha256=sha256)
            return None if call_id is None else scorecards.read_call(con, call_id)

    def same_recording(self, sha256: str) -> tuple[tuple[str, str], ...]:
        """The team and call id of each call that a recording is stored as."""
        with self._database.reading() as con:
            return calls.find_same(con, sha256)

    def call(self, key: str, *, teams: Collection[str] | None = None) -> StoredCall:
        """A call of these teams, None are all, by its call id or contact id, whole; raises CallNotFound."""
        with self._database.reading() as con:
            return scorecards.read_call(con, calls.find_id(con, key, teams))

    def row(self, key: str, *, teams: Collection[str] | None = None) -> CallRow:
        """A call as `call` finds it, without its transcript and scorecard; raises CallNotFound."""
        with self._database.reading() as con:
            return calls.read_row(con, calls.find_id(con, key, teams))

    def calls(
        self,
        *,
        teams: Collection[str] | None = None,
        agent: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sha256: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Calls, newest first by when they started (else were received): from `since` up to but without `until`.

        `teams` None are all teams; `sha256` leaves those of one recording.
        """
        with self._database.reading() as con:
            return calls.read_page(
                con, teams=teams, agent=agent, since=since, until=until, sha256=sha256, after=after, limit=limit
            )

    def worst(
        self, *, teams: Collection[str] | None = None, agent: str | None = None, offset: int = 0, limit: int = 20
    ) -> tuple[tuple[CallRow, ...], int]:
        """Calls to listen to first at the top: failed or flagged, then the lowest percent; and how many in all."""
        with self._database.reading() as con:
            return calls.read_worst(con, teams=teams, agent=agent, offset=offset, limit=limit)

    def agents(self, *, teams: Collection[str] | None = None) -> tuple[str, ...]:
        """The agents whose calls there are, of some teams; None are all."""
        with self._database.reading() as con:
            return calls.read_agents(con, teams=teams)

    def teams(self, among: Collection[str] | None = None) -> tuple[Team, ...]:
        """The teams, all or those among some, with their numbers of calls."""
        with self._database.reading() as con:
            return tuple(team for team in calls.read_teams(con) if among is None or team.team in among)

    def transcript(self, call_id: str, *, made_with: str) -> KeptTranscript | None:
        """The transcript of a call that was made with these settings; a call may have several."""
        with self._database.reading() as con:
            return scorecards.read_transcript(con, call_id, made_with=made_with)

    def rubric(self, version: str) -> Rubric | None:
        """A rubric that has judged a call of this store; None where this version cannot read it."""
        with self._database.reading() as con:
            return scorecards.read_rubric(con, version)

    def scored(self, *, team: str | None = None) -> tuple[str, ...]:
        """The ids of calls that have a scorecard."""
        with self._database.reading() as con:
            return scorecards.scored(con, team=team)

    def outdated(self, *, rubric_version: str, scorer: str, team: str | None = None) -> tuple[str, ...]:
        """The ids of scored calls that another rubric or scorer judged."""
        with self._database.reading() as con:
            return scorecards.outdated(con, rubric_version=rubric_version, scorer=scorer, team=team)

    # Outcomes

    def import_outcomes(
        self, rows: Sequence[Row], *, teams: Collection[str] | None = None, key_id: str | None = None
    ) -> Imported:
        """Keep what became of calls of these teams, None are all; rows that cannot be kept are named.

        The same rows again change nothing; a value that was known later replaces an earlier one. On disk for good when
        this returns.
        """
        with self._database.durably() as con:
            done = outcomes.write(con, rows, teams=teams, now=_now())
            service.record(con, "import outcomes", key_id=key_id, now=_now())
            return done

    # Comparisons and queries

    def compare(self, by: By = "team", *, teams: Collection[str] | None = None) -> tuple[Comparison, ...]:
        """Teams or agents side by side, never mixing rubrics, scorers or speech models; `teams` None are all."""
        with self._database.reading() as con:
            return queries.compare(con, by, teams=teams)

    def sql(self, query: str) -> Result:
        """The answer to one SELECT, in a transaction that cannot write; raises QueryProblem."""
        with self._database.reading() as con:
            return queries.select(con, query)

    @property
    def snapshots(self) -> Snapshots:
        """What queries of people are answered from (`qa.store.reader`); raises StoreProblem for who may only read."""
        if self.read_only:
            raise StoreProblem(f"the store {self.path} is open for reading only: its owner keeps the snapshots")
        return self._snapshots

    def snapshot(self, target: str | Path) -> None:
        """Write what may be read into one file, whole or not at all: FILE.duckdb, or FILE.parquet.zip.

        Raises StoreProblem where the name ends otherwise or the file cannot be written.
        """
        with self._database.apart() as con:
            export.write(con, Path(target))

    def back_up(self, folder: str | Path, *, key_id: str | None = None) -> Backup:
        """Write a backup into a new folder within this one (`qa.store.backup`); raises StoreProblem."""
        if not self.read_only:
            with self._database.writing() as con:
                service.record(con, "back up", key_id=key_id, now=_now())
        return backup.write(self._database, self.path, Path(folder))

    # Erasures

    def erase(self, call_ids: Sequence[str], *, key_id: str | None = None) -> tuple[Erasure, ...]:
        """Take calls out of every answer, for good when this returns; `sweep` takes them out of every file.

        Raises CallNotFound where one is not there, and then erases none.
        """
        with self._database.durably() as con:
            recordings = {call_id: calls.read_row(con, call_id).sha256 for call_id in call_ids}
            receipts = self._erase(con, recordings, "erase", key_id=key_id, now=_now())
        if self._snapshots.folder.is_dir():
            self._snapshots.refresh_at_once()
        return receipts

    def expire(self, *, now: datetime, limit: int) -> tuple[tuple[Erasure, ...], tuple[Job, ...]]:
        """Erase the oldest calls that are kept no longer, as `erase` does; and the jobs that were to score them."""
        with self._database.reading() as con:
            if not retention.due(con, self.settings, now=now, limit=1):
                return (), ()
        with self._database.durably() as con:
            recordings = retention.due(con, self.settings, now=now, limit=limit)
            unfinished = jobs.of_calls(con, recordings)
            receipts = self._erase(con, recordings, "retention", key_id=None, now=now)
        if self._snapshots.folder.is_dir():
            self._snapshots.refresh_at_once()
        return receipts, unfinished

    def retention(self, *, now: datetime | None = None) -> tuple[Kept, ...]:
        """How long each team's calls are kept, and how many of them are due to be erased."""
        with self._database.reading() as con:
            return retention.by_team(con, self.settings, now=now or _now())

    def _erase(
        self, con: Connection, recordings: Mapping[str, str], action: str, *, key_id: str | None, now: datetime
    ) -> tuple[Erasure, ...]:
        self._tombstones.put(recordings)
        erasures.erase(con, recordings, self.sidecars, self.files, now=now)
        for call_id in recordings:
            service.record(con, action, call_id=call_id, key_id=key_id, now=now)
        return tuple(erasures.read(con, call_id) for call_id in recordings)

    def sweep(self) -> tuple[Erasure, ...]:
        """Write the store's file and its snapshots anew, without a byte of what was erased; gives the receipts."""
        with self._database.reading() as con:
            waiting = erasures.unfinished(con)
        if not waiting:
            return ()
        self._database.rewrite()
        if self._snapshots.folder.is_dir():
            self._snapshots.refresh_at_once(whole=True)
        with self._database.durably() as con:
            erasures.finish(con, waiting, now=_now())
            return tuple(erasures.read(con, call_id) for call_id in waiting)

    def erasure(self, call_id: str, *, teams: Collection[str] | None = None) -> Erasure:
        """The receipt of an erasure of a call of these teams, None are all; raises CallNotFound."""
        with self._database.reading() as con:
            return erasures.read(con, call_id, teams=teams)

    # Keys

    def create_key(
        self, *, name: str, roles: Iterable[Role], teams: Iterable[str] | None = None, key_id: str | None = None
    ) -> tuple[Key, str]:
        """Make an API key; gives it with its text, which is kept nowhere. On disk for good when this returns."""
        secret = access.new()
        with self._database.durably() as con:
            key = keys.create(con, secret, name=name, roles=roles, teams=teams, now=_now())
            service.record(con, "create key", key_id=key_id, details=[key.key_id], now=_now())
        return key, secret.text

    def revoke_key(self, key_id: str, *, by: str | None = None) -> Key:
        """From now on the key is good for nothing, on disk for good when this returns; raises KeyNotFound."""
        with self._database.durably() as con:
            key = keys.revoke(con, key_id, now=_now())
            service.record(con, "revoke key", key_id=by, details=[key_id], now=_now())
            return key

    def keys(self) -> tuple[Key, ...]:
        """All keys, those that are revoked too."""
        with self._database.reading() as con:
            return keys.read_all(con)

    def key(self, text: str) -> Key | None:
        """The key of this text; None where it is none, is not known, or is revoked."""
        with self._database.reading() as con:
            return keys.find(con, text)

    def has_keys(self) -> bool:
        """Whether there has ever been a key: a server then asks for one, also when all are revoked."""
        with self._database.reading() as con:
            return keys.exist(con)

    # Jobs

    def accept(
        self,
        *,
        sha256: str,
        metadata: Metadata,
        webhook: str | None = None,
        keep: Callable[[], object] = lambda: None,
    ) -> Job:
        """Take a call, to be scored: on disk for good when this returns.

        `keep` puts its recording in its place, while nobody can erase another call with the same one. `webhook` is the
        address to tell when a job of it ends. The same recording again is the call that it was; it is not queued twice.
        Raises CallKnown where something else is said of it now or another webhook named, ContactTaken where another
        recording of the team has the contact id.
        """
        with ExitStack() as undoing:
            with self._database.writing() as con:
                now = _now()
                call_id = calls.find_recording(con, team=metadata.team, sha256=sha256)
                if call_id is None:
                    calls.check_contact(con, metadata, None)
                    call_id = calls.new_id()
                    self.sidecars.put(
                        Sidecar(call_id=call_id, sha256=sha256, received_at=now, metadata=metadata, webhook=webhook)
                    )
                    undoing.callback(self.sidecars.remove, call_id)  # else the next start would bring the call
                    calls.insert(con, call_id, sha256=sha256, metadata=metadata, received_at=now)
                    webhooks.name(con, call_id, webhook)
                else:
                    calls.check_same(con, call_id, metadata)
                    webhooks.check_same(con, call_id, webhook)
                keep()
                job = jobs.enqueue(con, call_id, now=now)
            undoing.pop_all()
            return job

    def witness(self, call: StoredCall, transcript: Transcript, *, webhook: str | None = None) -> None:
        """Write down a call that came as text and is scored, as `accept` does for recordings.

        `webhook` takes the place of one that was named before. Of a call that was erased meanwhile nothing is written.
        """
        row = call.call
        with self._database.writing() as con:
            if not calls.read_rows(con, [row.call_id]):
                return
            webhooks.name(con, row.call_id, webhook)
            self.sidecars.put(
                Sidecar(
                    call_id=row.call_id,
                    sha256=row.sha256,
                    received_at=row.received_at,
                    metadata=row.metadata,
                    webhook=webhooks.address(con, row.call_id),
                    transcript=transcript,
                )
            )
            self._tell(con, row.call_id, "done", job_id=None, now=_now())

    def _tell(self, con: Connection, call_id: str, event: Ended, *, job_id: int | None, now: datetime) -> None:
        webhooks.write(con, call_id, event, job_id=job_id, server=bool(self.settings.webhook_url), now=now)

    def correct(
        self,
        key: str,
        said: Callable[[Metadata], Metadata],
        *,
        teams: Collection[str] | None = None,
        key_id: str | None = None,
    ) -> CallRow:
        """Write what `said` makes of what is said of a call; it is scored again where that can change the result.

        The call is found as `call` finds it. Raises CallNotFound, CallKnown and ContactTaken.
        """
        with self._database.durably() as con:
            call_id = calls.find_id(con, key, teams)
            row = calls.read_row(con, call_id)
            changed = calls.correct(con, row, said(row.metadata))
            if not _JUDGED_BY.isdisjoint(changed):
                jobs.enqueue(con, call_id, now=_now())
            service.record(con, "correct", call_id=call_id, key_id=key_id, details=changed, now=_now())
            corrected = calls.read_row(con, call_id)
            if changed and (sidecar := self.sidecars.read(call_id)) is not None:
                self.sidecars.put(structs.replace(sidecar, metadata=corrected.metadata))
            return corrected

    def claim(self) -> Job | None:
        """Take the oldest job that waits; None where there is none."""
        with self._database.reading() as con:
            if not jobs.any_open(con):  # an idle server commits nothing, so no snapshot has to follow
                return None
        with self._database.writing() as con:
            now = _now()
            for job in jobs.give_up(con, now=now):
                self._tell(con, job.call_id, "failed", job_id=job.job_id, now=now)
            return jobs.claim(con)

    def finish(self, job_id: int, *, error: str | None = None, can_retry: bool = False) -> None:
        """The job is done, or has failed for the reason given."""
        with self._database.writing() as con:
            now = _now()
            job = jobs.finish(con, job_id, error=error, can_retry=can_retry, now=now)
            if job is not None:
                self._tell(con, job.call_id, "done" if error is None else "failed", job_id=job_id, now=now)

    def job(self, job_id: int, *, teams: Collection[str] | None = None) -> Job:
        """A job of these teams' calls, None are all; raises JobNotFound."""
        with self._database.reading() as con:
            return jobs.read(con, job_id, teams=teams)

    def jobs(
        self,
        *,
        state: State | None = None,
        teams: Collection[str] | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> JobPage:
        """Jobs, newest first."""
        with self._database.reading() as con:
            return jobs.read_page(con, state=state, teams=teams, before=before, limit=limit)

    def queue(self) -> dict[State, int]:
        """How many jobs are in each state."""
        with self._database.reading() as con:
            return jobs.count(con)

    def running(self, call_id: str) -> tuple[Job, ...]:
        """The jobs of a call that wait or run."""
        with self._database.reading() as con:
            return jobs.of_calls(con, [call_id])

    def oldest_wait_s(self) -> float | None:
        """How long the job that waits longest has waited; None where none waits."""
        with self._database.reading() as con:
            return jobs.oldest_wait_s(con, now=_now())

    def cancel(self, job_id: int, *, teams: Collection[str] | None = None, key_id: str | None = None) -> Job:
        """A job that waits or runs is not to be done; raises JobNotFound, and JobProblem where it has ended."""
        with self._database.durably() as con:
            now = _now()
            job = jobs.cancel(con, job_id, teams=teams, now=now)
            self._tell(con, job.call_id, "cancelled", job_id=job_id, now=now)
            service.record(con, "cancel", call_id=job.call_id, key_id=key_id, now=now)
            return job

    def retry(self, job_id: int, *, teams: Collection[str] | None = None, key_id: str | None = None) -> Job:
        """Queue what failed or was cancelled again; raises JobNotFound and JobProblem."""
        with self._database.durably() as con:
            job = jobs.retry(con, job_id, teams=teams, now=_now())
            service.record(con, "retry", call_id=job.call_id, key_id=key_id, now=_now())
            return job

    def release(self, job_id: int) -> None:
        """An orderly stop: the job waits again, as if it had not been begun."""
        with self._database.writing() as con:
            jobs.release(con, job_id)

    def release_others(self, in_hand: Collection[int]) -> None:
        """Whatever is said to run and is none of these waits again, as if it had not been begun."""
        with self._database.writing() as con:
            jobs.release_others(con, in_hand)

    def requeue(self) -> int:
        """At start: what was running when the last owner ended waits again; says how many jobs that are."""
        with self._database.writing() as con:
            return jobs.requeue(con)


def _now() -> datetime:
    return datetime.now(UTC)
