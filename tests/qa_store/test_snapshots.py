"""The snapshots beside a store hold what may be read of it, as it is now, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from qa.errors import StoreProblem
from qa.metadata import Metadata
from qa.store import Store, copying, readable, team_snapshots
from qa.store.snapshots import Snapshots
from rubric import Rubric
from tests.qa_store.examples import FULL_SCORECARD, scored, sha256

SPREAD = "r9x7q2v8k4w1z6y3"
"""Letters that no compression shortens."""


def rows(snapshots: Snapshots, sql: str, teams: Collection[str] | None = None) -> list[tuple[Any, ...]]:
    with snapshots.reading(teams) as snapshot, duckdb.connect(str(snapshot.path), read_only=True) as con:
        return con.execute(sql).fetchall()


def everything(snapshots: Snapshots, teams: Collection[str] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted(rows(snapshots, f"FROM {name}", teams), key=repr) for name in (*readable.TABLES, *readable.VIEWS)
    }


def files(snapshots: Snapshots) -> set[str]:
    return {path.name for path in snapshots.folder.iterdir()}


def delete(store: Store, call_id: str) -> None:
    with store._database.writing() as con:
        for table in readable.OF_CALLS:
            con.execute(f"DELETE FROM {table} WHERE call_id = ?", [call_id])


def test_every_table_of_a_store_is_either_readable_or_withheld(store: Store) -> None:
    """A new table belongs in one of the lists of qa.store.readable, by somebody's decision."""
    tables = {name for (name,) in store.sql("SELECT table_name FROM duckdb_tables()").rows}
    views = {name for (name,) in store.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").rows}
    assert tables == {*readable.TABLES, *readable.WITHHELD}
    assert views == {*readable.VIEWS}


def test_a_snapshot_is_the_store_without_what_is_withheld(store: Store, rubric: Rubric) -> None:
    """Every row of every table and view, the comments too, but neither jobs nor a way to them."""
    store.save_all([scored(rubric, recording=f"{number}.wav", team="North") for number in range(3)])
    store.accept(sha256=sha256("later"), metadata=Metadata(recording="later.wav", team="North"))
    found = everything(store.snapshots)
    for name, there in found.items():
        columns = "* EXCLUDE (job_id)" if name == "calls" else "*"
        assert there == sorted(store.sql(f"SELECT {columns} FROM {name}").rows, key=repr)
    assert len(found["calls"]) == 4
    assert len(found["words"]) == 6
    tables = {name for (name,) in rows(store.snapshots, "SELECT table_name FROM duckdb_tables()")}
    assert tables == {*readable.TABLES, "snapshot"}
    columns_without = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
    assert rows(store.snapshots, columns_without) == []


def test_what_is_written_later_is_in_the_next_refresh(store: Store, rubric: Rubric) -> None:
    """New calls, calls scored again, what is said of a call, and what is deleted; again and again."""
    kept = [store.save(scored(rubric, recording=f"{number}.wav")) for number in range(12)]
    store.snapshots.refresh()
    changes: list[Callable[[], object]] = [
        lambda: store.save(scored(rubric, recording="new.wav")),
        lambda: store.save(scored(rubric, recording="1.wav", card=_card(12.5))),
        lambda: store.describe(kept[2].call.sha256, Metadata(team="North", agent="Ann")),
        lambda: delete(store, kept[3].call_id),
        lambda: store.save(scored(rubric, recording="4.wav", made_with="another model")),
    ]
    for change in changes:
        change()
        before = everything(store.snapshots)
        store.snapshots.refresh()
        found = everything(store.snapshots)
        assert found != before
        assert found["scores"] == sorted(store.sql("FROM scores").rows, key=repr)
        assert found["turns"] == sorted(store.sql("FROM turns").rows, key=repr)
        assert found["calls"] == sorted(store.sql("SELECT * EXCLUDE (job_id) FROM calls").rows, key=repr)


def _said_by_ann(said: Metadata) -> Metadata:
    return msgspec.structs.replace(said, agent="Ann")


def _card(percent: float) -> Any:
    return msgspec.structs.replace(FULL_SCORECARD, percent=percent)


def test_what_has_not_changed_is_not_written_again(store: Store, rubric: Rubric) -> None:
    """Without a write the file stays, and says that it was looked at later."""
    store.save(scored(rubric))
    store.snapshots.refresh()
    with store.snapshots.reading() as first:
        store.snapshots.refresh()
        with store.snapshots.reading() as second:
            assert second.path == first.path
            assert second.as_of > first.as_of


def test_two_files_are_taken_in_turns_and_only_changes_are_copied(
    store: Store, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = copying._make

    def making(copy: Any) -> None:
        made.append(copy.source)
        make(copy)

    monkeypatch.setattr(copying, "_make", making)
    used = []
    for number in range(6):
        store.save_all([scored(rubric, recording=f"{number}-{each}.wav") for each in range(3)])
        store.snapshots.refresh()
        with store.snapshots.reading() as snapshot:
            used.append(snapshot.path.name)
    assert used == ["one.duckdb", "two.duckdb"] * 3
    assert made == ['"qa"', '"qa"']  # each of the two once
    assert rows(store.snapshots, "SELECT count(*) FROM calls") == [(18,)]


def test_who_reads_goes_on_with_what_was_there(store: Store, rubric: Rubric) -> None:
    """A file that is held is not written to: the refresh after the next waits until it is let go."""
    store.save(scored(rubric, recording="1.wav"))
    store.snapshots.refresh()
    with store.snapshots.reading() as held:
        store.save(scored(rubric, recording="2.wav"))
        store.snapshots.refresh()
        store.save(scored(rubric, recording="3.wav"))
        waiting = threading.Thread(target=store.snapshots.refresh)
        waiting.start()
        with duckdb.connect(str(held.path), read_only=True) as con:
            assert con.execute("SELECT count(*) FROM calls").fetchall() == [(1,)]
        assert waiting.is_alive()
        assert rows(store.snapshots, "SELECT count(*) FROM calls") == [(2,)]
    waiting.join()
    assert rows(store.snapshots, "SELECT count(*) FROM calls") == [(3,)]


def test_nothing_of_another_team_is_in_the_file_of_a_team(store: Store, rubric: Rubric) -> None:
    for team in ("North", "South", "West"):
        store.save(scored(rubric, recording=f"{team}.wav", team=team, agent=f"{SPREAD}{team}"))
    for teams, there in (({"North"}, {"North"}), ({"North", "West"}, {"North", "West"}), (set(), set())):
        found = everything(store.snapshots, teams)
        assert {team for (team,) in rows(store.snapshots, "SELECT team FROM calls", teams)} == there
        assert len(found["turns"]) == 3 * len(there)
        with store.snapshots.reading(teams) as snapshot:
            content = snapshot.path.read_bytes()
        for team in ("North", "South", "West"):
            assert (f"{SPREAD}{team}".encode() in content) is (team in there)


def test_the_file_of_a_team_follows_that_of_all(store: Store, rubric: Rubric) -> None:
    """Calls that come, change and go are so in it too, the next time that it is asked for."""
    kept = [store.save(scored(rubric, recording=f"{number}.wav", team="North")) for number in range(6)]
    assert rows(store.snapshots, "SELECT count(*) FROM calls", {"North"}) == [(6,)]
    delete(store, kept[0].call_id)
    store.save(scored(rubric, recording="new.wav", team="North"))
    store.save(scored(rubric, recording="new.wav", team="South"))
    store.describe(kept[1].call.sha256, Metadata(team="North", agent="Ann"))
    store.snapshots.refresh()
    assert rows(store.snapshots, "SELECT count(*), count(agent) FROM calls", {"North"}) == [(6, 1)]
    assert rows(store.snapshots, "SELECT count(*) FROM turns", {"North"}) == [(18,)]


def test_after_a_whole_refresh_no_byte_of_a_deleted_call_is_left(store: Store, rubric: Rubric) -> None:
    """Neither in the new file nor in another: those of teams and the other turn are gone."""
    store.save_all([scored(rubric, recording=f"{number}.wav") for number in range(5)])
    gone = store.save(scored(rubric, recording="gone.wav", agent=SPREAD))
    for _ in range(2):
        store.snapshots.refresh()
        store.save(scored(rubric, recording="other.wav"))
    assert rows(store.snapshots, "SELECT count(*) FROM calls", {"North"}) == [(7,)]
    holding = [path for path in store.snapshots.folder.iterdir() if SPREAD.encode() in path.read_bytes()]
    assert len(holding) >= 2

    delete(store, gone.call_id)
    store.snapshots.refresh(whole=True)

    left = [path for path in store.snapshots.folder.iterdir() if path.is_file()]
    assert len(left) == 1
    assert SPREAD.encode() not in left[0].read_bytes()
    assert rows(store.snapshots, "SELECT count(*) FROM calls", {"North"}) == [(6,)]


def test_a_whole_refresh_is_done_when_the_last_reader_of_an_old_file_has_gone(store: Store, rubric: Rubric) -> None:
    store.save(scored(rubric))
    store.snapshots.refresh()
    with store.snapshots.reading() as old, store.snapshots.reading({"North"}) as of_team:
        whole = threading.Thread(target=store.snapshots.refresh, kwargs={"whole": True})
        whole.start()
        whole.join(timeout=0.5)
        assert whole.is_alive()
        assert old.path.exists()
        assert of_team.path.exists()
    whole.join()
    assert not old.path.exists()
    assert not of_team.path.exists()


def test_a_discarded_snapshot_leaves_no_file_and_is_made_anew(store: Store, rubric: Rubric) -> None:
    store.save(scored(rubric))
    for teams in (None, {"North"}):
        rows(store.snapshots, "FROM calls", teams)
    store.snapshots.discard()
    assert files(store.snapshots) == set()
    assert rows(store.snapshots, "SELECT count(*) FROM calls") == [(1,)]


def test_the_next_owner_takes_up_what_the_last_one_left(
    path: Path, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of all teams are brought up to date, not made anew; those of teams and of readers are gone."""
    with Store.open(path) as store:
        kept = [store.save(scored(rubric, recording=f"{number}.wav")) for number in range(6)]
        rows(store.snapshots, "FROM calls", {"North"})
        (store.snapshots.folder / "left-by-a-crash.duckdb").write_bytes(b"x")
        (store.snapshots.folder / "scratch-of-a-crash").mkdir()
    monkeypatch.setattr(copying, "_make", None)
    with Store.open(path) as store:
        delete(store, kept[0].call_id)
        assert rows(store.snapshots, "SELECT count(*) FROM calls") == [(5,)]
        assert files(store.snapshots) == {"one.duckdb"}


def test_a_file_that_cannot_be_used_is_made_anew(path: Path, rubric: Rubric) -> None:
    """One that is damaged, that another process holds, or that is of another shape."""
    with Store.open(path) as store:
        store.save(scored(rubric))
        store.snapshots.refresh()
        folder = store.snapshots.folder
    (folder / "one.duckdb").write_bytes(b"no database" * 1000)
    with Store.open(path) as store:
        assert rows(store.snapshots, "SELECT count(*) FROM calls") == [(1,)]
    with duckdb.connect(str(folder / "one.duckdb")) as con:
        con.execute("UPDATE snapshot SET shape = 'of another version'; DROP TABLE acts")
    with Store.open(path) as store:
        assert rows(store.snapshots, "SELECT count(*) FROM acts") == [(2,)]


def test_a_store_that_is_put_back_from_a_backup_is_not_taken_for_what_it_was(path: Path, rubric: Rubric) -> None:
    """Calls that were written once more after the backup, before and after it was put back, are as they are now."""
    backup = path.with_name("backup.duckdb")
    with Store.open(path) as store:
        store.save_all([scored(rubric, recording=f"{number}.wav") for number in range(4)])
    backup.write_bytes(path.read_bytes())
    for percent in (11.0, 22.0):
        with Store.open(path) as store:
            store.save(scored(rubric, recording="0.wav", card=_card(percent)))
            assert (percent,) in rows(store.snapshots, "SELECT percent FROM scorecards")
        path.write_bytes(backup.read_bytes())


def test_a_kept_snapshot_follows_the_store_by_itself(store: Store, rubric: Rubric) -> None:
    store.snapshots.start()
    store.save(scored(rubric))
    arrived = threading.Event()
    while not arrived.wait(0.05):  # a second or two, and the test's own time limit otherwise
        if rows(store.snapshots, "SELECT count(*) FROM calls") == [(1,)]:
            arrived.set()


def test_sets_of_teams_that_are_asked_about_least_lose_their_files(
    store: Store, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_snapshots, "MOST", 2)
    store.save(scored(rubric))
    names = {}
    for team in ("A", "B", "C", "B", "D"):
        with store.snapshots.reading({team}) as snapshot:
            names[team] = snapshot.path.name
    assert files(store.snapshots) == {"one.duckdb", names["B"], names["D"]}


def test_who_may_only_read_the_store_keeps_no_snapshots(path: Path) -> None:
    Store.open(path).close()
    with Store.open(path, read_only=True) as store, pytest.raises(StoreProblem, match="its owner keeps"):
        _ = store.snapshots
    assert not path.with_name("qa.duckdb.snapshots").exists()


def test_a_store_may_be_called_like_what_a_snapshot_is_made_by(tmp_path: Path, rubric: Rubric) -> None:
    for name in ("source", "temp x", 'quote"d', "_copy"):
        with Store.open(tmp_path / f"{name}.duckdb") as store:
            store.save(scored(rubric))
            for teams in (None, {"North"}):
                assert rows(store.snapshots, "SELECT count(*) FROM calls", teams) == [(1,)]


def test_a_correction_waits_for_who_reads_and_is_then_done(store: Store, rubric: Rubric) -> None:
    """A refresh is such a reader, a step at a time; a correction, which empties the log, does not fail by it."""
    call = store.save(scored(rubric))
    with store._database.reading() as con:
        con.execute("FROM calls").fetchall()
        corrected = threading.Thread(target=store.correct, args=(call.call_id, _said_by_ann))
        corrected.start()
        corrected.join(timeout=0.3)
        assert corrected.is_alive()
    corrected.join()
    assert store.row(call.call_id).metadata.agent == "Ann"
    store.snapshots.refresh()
    assert rows(store.snapshots, "SELECT agent FROM calls") == [("Ann",)]


def test_a_call_that_is_written_while_it_is_copied_is_whole_in_the_copy(
    store: Store, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is scored again, or deleted, after the differences were listed: as it is when its turn comes."""
    kept = [store.save(scored(rubric, recording=f"{number}.wav")) for number in range(4)]
    monkeypatch.setattr(copying, "AT_A_TIME", 2)
    listed = copying._differences

    def differences(copy: Any) -> None:
        listed(copy)
        copy.con.commit()
        monkeypatch.setattr(copying, "_differences", listed)
        store.save(scored(rubric, recording="1.wav", card=_card(12.5)))
        delete(store, kept[3].call_id)
        copy.con.begin()

    monkeypatch.setattr(copying, "_differences", differences)
    store.snapshots.refresh()
    found = everything(store.snapshots)
    for table in ("calls", "turns", "scorecards", "scores"):
        columns = "* EXCLUDE (job_id)" if table == "calls" else "*"
        assert found[table] == sorted(store.sql(f"SELECT {columns} FROM {table}").rows, key=repr)


def test_a_refresh_that_the_close_of_the_store_meets_is_given_up_and_gone_on_with_by_the_next_owner(
    path: Path, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "AT_A_TIME", 2)
    keys_of, steps = copying._keys_of, []

    with Store.open(path) as store:
        store.save_all([scored(rubric, recording=f"{number}.wav") for number in range(9)])

        def third_step_is_the_last(*given: Any) -> None:
            steps.append(given[1])
            if steps.count("these") == 2:
                store.snapshots._stopped.set()
            keys_of(*given)

        with monkeypatch.context() as patched:
            patched.setattr(copying, "_keys_of", third_step_is_the_last)
            with pytest.raises(StoreProblem):
                store.snapshots.refresh()
        folder = store.snapshots.folder
    with duckdb.connect(str(folder / "one.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM calls").fetchall() == [(4,)]
    monkeypatch.setattr(copying, "_make", None)
    with Store.open(path) as store:
        assert rows(store.snapshots, "SELECT count(*), count(DISTINCT call_id) FROM calls") == [(9, 9)]
        assert rows(store.snapshots, "SELECT count(*) FROM turns") == [(27,)]
