"""Erased calls: out of every answer at once, out of every file when swept, whatever happens between."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from qa import Metadata, Scoring, Store
from qa.demo import CONVERSATIONS
from qa.errors import CallNotFound
from transcription import formats
from transcription.types import Transcript


def talk(name: str) -> Transcript:
    return formats.read(CONVERSATIONS.with_name(name))


def phrases(transcript: Transcript) -> list[bytes]:
    """Every six words in a row that are said."""
    return [
        " ".join(words[at : at + 6]).encode()
        for turn in transcript.turns
        for words in [turn.text.split()]
        for at in range(len(words) - 5)
    ]


def files(path: Path) -> list[Path]:
    """Every file of a store."""
    return [file for file in path.parent.rglob("*") if file.is_file() and file.name.startswith(path.name)] + [
        file
        for folder in path.parent.glob(f"{path.name}.*")
        if folder.is_dir()
        for file in folder.rglob("*")
        if file.is_file()
    ]


def holding(path: Path, wanted: list[bytes]) -> list[str]:
    """The files of a store in which one of these stands."""
    return [file.name for file in files(path) if any(phrase in file.read_bytes() for phrase in wanted)]


def fill(store: Store) -> dict[str, str]:
    with Scoring(store) as scoring:
        names = ("north-05.json", "south-05.json", "north-03.json", "south-13.json")
        return {name: scoring.score_transcript(talk(name), Metadata(agent="Zebedee Quill")).call_id for name in names}


def test_no_six_words_of_it_stay_in_any_file(path: Path) -> None:
    """Neither in the store nor in its snapshots; the other calls are what they were, and calls can be added."""
    with Store.open(path) as store:
        ids = fill(store)
        store.snapshots.refresh()
        kept = store.call(ids["south-05.json"])
        with Scoring(store) as scoring:
            mine = scoring.score_transcript(talk("south-09.json"), Metadata(agent="Agent Only Of This One"))
        store.snapshots.refresh()
        wanted = [*phrases(talk("north-05.json")), *phrases(talk("south-09.json")), b"Agent Only Of This One"]
        assert holding(path, [b"Agent Only Of This One"])
        receipts = store.erase([ids["north-05.json"], mine.call_id])
        assert [receipt.done_at for receipt in receipts] == [None, None]
        for call_id in (ids["north-05.json"], mine.call_id):
            with pytest.raises(CallNotFound):
                store.call(call_id)
        assert len(store.sweep()) == 2
        assert store.erasure(mine.call_id).done_at is not None
        assert holding(path, wanted) == []
        assert store.call(ids["south-05.json"]) == kept
        with Scoring(store) as scoring:
            assert scoring.score_transcript(talk("north-07.json")).scorecard is not None
        assert store.sweep() == ()


def test_a_reader_goes_on_while_the_store_is_written_anew(path: Path) -> None:
    """Whoever reads when the files change places reads on; nobody gets an error."""
    with Store.open(path) as store:
        ids = fill(store)
        errors: list[BaseException] = []
        ended = threading.Event()

        def read() -> None:
            try:
                while not ended.is_set():
                    assert store.call(ids["south-05.json"]).scorecard is not None
            except BaseException as error:  # noqa: BLE001 - told below
                errors.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for name in ("north-05.json", "north-03.json", "south-13.json"):
            store.erase([ids[name]])
            store.sweep()
        ended.set()
        for reader in readers:
            reader.join()
        assert errors == []


def test_an_erasure_that_was_acknowledged_holds_whatever_the_log_has_lost(path: Path, tmp_path: Path) -> None:
    """The tombstone is on disk first: an older copy of the store, put back, is purged when it is opened."""
    with Store.open(path) as store:
        ids = fill(store)
    old = tmp_path / "old.duckdb"
    shutil.copy(path, old)
    with Store.open(path) as store:
        store.erase([ids["north-05.json"]])
    shutil.copy(old, path)
    with Store.open(path) as store:
        with pytest.raises(CallNotFound):
            store.call(ids["north-05.json"])
        assert store.sweep()[0].call_id == ids["north-05.json"]
        assert holding(path, phrases(talk("north-05.json"))) == []


def test_a_recording_of_two_teams_stays_for_the_other(path: Path) -> None:
    """Its bytes go with the last call of it."""
    with Store.open(path) as store:
        with store.files.incoming() as incoming:
            incoming.write(b"RIFF of a recording")
            incoming.settle()
            sha256 = incoming.keep()
        one, other = (store.accept(sha256=sha256, metadata=Metadata(team=team)).call_id for team in ("North", "South"))
        store.erase([one])
        assert store.files.has(sha256)
        store.erase([other])
        assert not store.files.has(sha256)
        assert store.sidecars.all() == set()
    with Store.open(path) as store:
        assert store.queue() == {}


def test_a_call_erased_while_it_is_scored_is_not_written_back(path: Path) -> None:
    """Its scorecard comes too late."""
    with Store.open(path) as store, Scoring(store) as scoring:
        call = scoring.score_transcript(talk("north-05.json"))
        task = scoring._written(talk("north-05.json"), Metadata(), again=True)
        store.erase([call.call_id])
        with pytest.raises(CallNotFound):
            scoring._finish(task, None)
        assert store.calls().calls == ()


def test_of_a_call_that_is_not_there_nothing_is_erased(path: Path) -> None:
    """All or none."""
    with Store.open(path) as store:
        ids = fill(store)
        with pytest.raises(CallNotFound):
            store.erase([ids["north-05.json"], "none"])
        assert store.call(ids["north-05.json"]).scorecard is not None


def test_a_recording_that_is_sent_again_while_it_is_erased_is_kept(store: Store) -> None:
    """The same bytes come for another team, and the only call that had them is erased before they are taken."""
    with store.files.incoming() as first:
        first.write(b"sound")
        old = store.accept(sha256=first.settle(), metadata=Metadata(team="North"), keep=first.keep)
    with store.files.incoming() as again:
        again.write(b"sound")
        sha256 = again.settle()
        store.erase([old.call_id])
        store.accept(sha256=sha256, metadata=Metadata(team="South"), keep=again.keep)
    assert store.files.has(sha256)
