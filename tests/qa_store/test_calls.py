import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import rubric as rubrics
from qa.errors import CallNotFound, ContactTaken, QueryProblem, StoreProblem
from qa.metadata import Metadata
from qa.store import Store
from rubric import Rubric
from tests.qa_store.examples import FULL_SCORECARD, FULL_TRANSCRIPT, scored, sha256
from transcription.types import Transcript

replace = msgspec.structs.replace


def test_what_is_read_is_what_was_written_to_the_last_field(store: Store, rubric: Rubric) -> None:
    call = store.save(scored(rubric))
    assert call.transcript == FULL_TRANSCRIPT
    assert call.scorecard == FULL_SCORECARD
    assert rubrics.scorecard_json(store.call(call.call_id).scorecard or FULL_SCORECARD) == rubrics.scorecard_json(
        FULL_SCORECARD
    )
    assert store.rubric(rubric.version) == rubric


def test_the_examples_leave_no_field_at_its_default() -> None:
    """Else a field that the rows forget would come back right by chance."""
    values: list[object] = [FULL_TRANSCRIPT, FULL_SCORECARD]
    seen: dict[type, dict[str, set[str]]] = {}
    while values:
        value = values.pop()
        if isinstance(value, tuple | list):
            values += value
        elif isinstance(value, dict):
            values += value.values()
        elif isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                values.append(getattr(value, name))
                seen.setdefault(type(value), {}).setdefault(name, set()).add(repr(getattr(value, name)))
    for struct, fields in seen.items():
        for field in msgspec.structs.fields(struct):
            if field.default is not msgspec.NODEFAULT:
                assert fields[field.name] != {repr(field.default)}, (struct, field.name)


def test_a_conversation_and_its_scorecard_come_back_the_same(
    store: Store, rubric: Rubric, conversation: Transcript
) -> None:
    card = rubrics.score(conversation, rubric)
    call = store.save(scored(rubric, transcript=conversation, card=card))
    assert (call.transcript, call.scorecard) == (conversation, card)


def test_a_call_id_is_random_and_typable_and_nothing_of_the_bytes(store: Store, rubric: Rubric, tmp_path: Path) -> None:
    one = store.save(scored(rubric)).call_id
    with Store.open(tmp_path / "other.duckdb") as other:
        assert other.save(scored(rubric)).call_id != one
    assert len(one) == 12
    assert int(one, 16) >= 0


def test_a_recording_is_one_call_within_a_team_and_another_in_another(store: Store, rubric: Rubric) -> None:
    north = store.save(scored(rubric, agent="Ada"))
    again = store.save(scored(rubric, agent="Bo"))
    south = store.save(scored(rubric, team="South"))
    assert again.call_id == north.call_id != south.call_id
    assert again.metadata.agent == "Bo"
    found = store.find(team="North", sha256=sha256("a.wav"))
    assert found is not None
    assert found.call_id == north.call_id
    assert store.find(team="East", sha256=sha256("a.wav")) is None


def test_scoring_again_replaces_the_scorecard_whole(store: Store, rubric: Rubric) -> None:
    other = replace(FULL_SCORECARD, percent=None, scores=FULL_SCORECARD.scores[:1], acts=())
    call = store.save(scored(rubric))
    store.save(scored(rubric, recording="b.wav"))
    assert store.save(scored(rubric, card=other)).scorecard == other
    for table, count in {
        "scorecards": 2,
        "scores": 4,
        "acts": 2,
        "evidence": 4,
        "occasions": 2,
        "transcripts": 2,
    }.items():
        assert (table, len(store.sql(f"FROM {table}").rows)) == (table, count)
    assert store.call(call.call_id).scorecard == other


def test_a_call_keeps_a_transcript_for_each_model_and_the_views_show_the_one_that_was_scored(
    store: Store, rubric: Rubric
) -> None:
    other = replace(FULL_TRANSCRIPT, turns=FULL_TRANSCRIPT.turns[:1], language="es")
    call_id = store.save(scored(rubric)).call_id
    store.save(scored(rubric, transcript=other, made_with="base"))
    tiny, base = (store.transcript(call_id, made_with=name) for name in ("tiny", "base"))
    assert tiny is not None
    assert base is not None
    assert (tiny.transcript, base.transcript) == (FULL_TRANSCRIPT, other)
    assert store.transcript(call_id, made_with="small") is None
    assert store.call(call_id).transcript == other
    assert store.sql("SELECT count(*) FROM conversation").rows == ((1,),)
    assert store.sql("SELECT turn, word, text, start_s, probability FROM words ORDER BY word").rows == (
        (0, 0, "My", 0.5, 0.9),
        (0, 1, "bill,", 0.7, None),
    )


def test_what_is_said_later_adds_to_what_was_said_before(store: Store, rubric: Rubric) -> None:
    call = store.save(scored(rubric, agent="Ada", contact_id="4711"))
    started_at = datetime(2026, 3, 1, 13, 5, tzinfo=UTC)
    said = Metadata(team="North", queue="billing", started_at=started_at, agent_channel="right")
    after = store.describe(call.call.sha256, said)
    assert after.metadata == Metadata(
        recording="a.wav",
        team="North",
        agent="Ada",
        contact_id="4711",
        queue="billing",
        started_at=started_at,
        agent_channel="right",
    )
    assert after.scorecard == call.scorecard


def test_a_contact_id_belongs_to_one_recording_of_a_team(store: Store, rubric: Rubric) -> None:
    call = store.save(scored(rubric, contact_id="4711"))
    store.save(scored(rubric, contact_id="4711"))
    store.save(scored(rubric, contact_id="4711", team="South"))
    with pytest.raises(ContactTaken, match=rf"4711.*team North \(call {call.call_id}\)"):
        store.save(scored(rubric, recording="b.wav", contact_id="4711"))
    with pytest.raises(ContactTaken):
        store.accept(sha256=sha256("c.wav"), metadata=Metadata(team="North", contact_id="4711"))
    assert store.sql("SELECT count(*) FROM calls").rows == ((2,),)
    assert store.sql("SELECT count(*) FROM scorecards").rows == ((2,),)


def test_a_call_is_found_by_either_id_and_what_is_not_there_is_named(store: Store, rubric: Rubric) -> None:
    call = store.save(scored(rubric, contact_id="4711"))
    other = store.save(scored(rubric, contact_id="4711", team="South"))
    assert store.call(call.call_id) == call
    assert store.row("4711", teams=["South"]) == other.call
    with pytest.raises(CallNotFound, match="several teams") as caught:
        store.call("4711")
    assert other.call_id in str(caught.value)
    with pytest.raises(CallNotFound, match=r"4712 in team North"):
        store.call("4712", teams=["North"])


def test_calls_come_in_pages_newest_first_each_once_and_by_what_is_asked(store: Store, rubric: Rubric) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for day in range(7):
        item = scored(rubric, recording=f"{day}.wav", team="North" if day % 2 else "South", agent=f"a{day % 3}")
        # two calls begin at the same moment, so that a page's end may fall between them
        moment = start.replace(day=min(day, 5) + 1)
        store.save(replace(item, metadata=replace(item.metadata, started_at=moment)))
    seen, after = [], None
    while True:
        page = store.calls(limit=2, after=after)
        seen += [call.metadata.recording for call in page.calls]
        after = page.next
        if after is None:
            break
    assert sorted(map(str, seen)) == [f"{day}.wav" for day in range(7)]
    assert set(seen[:2]) == {"5.wav", "6.wav"}
    assert seen[2:] == [f"{day}.wav" for day in (4, 3, 2, 1, 0)]
    asked = store.calls(teams=["North"], agent="a1", since=start, until=start.replace(day=5))
    assert [call.metadata.recording for call in asked.calls] == ["1.wav"]
    asked = store.calls(since=start.replace(day=2), until=start.replace(day=4))
    assert [call.metadata.recording for call in asked.calls] == ["2.wav", "1.wav"]
    with pytest.raises(StoreProblem, match="no page after nowhere"):
        store.calls(after="nowhere")
    assert [(team.team, team.calls, team.scored, team.agents) for team in store.teams()] == [
        ("North", 3, 3, 3), ("South", 4, 4, 3),
    ]  # fmt: skip


def test_a_team_counts_calls_with_a_scorecard_though_they_have_no_percent(store: Store, rubric: Rubric) -> None:
    store.save(scored(rubric, agent="Ada"))
    store.save(scored(rubric, recording="b.wav", card=replace(FULL_SCORECARD, percent=None)))
    store.accept(sha256=sha256("c.wav"), metadata=Metadata(team="North"))
    assert [(team.team, team.calls, team.scored, team.agents) for team in store.teams()] == [("North", 3, 2, 1)]


def test_several_calls_are_written_all_or_none(store: Store, rubric: Rubric) -> None:
    with pytest.raises(ContactTaken):
        store.save_all([
            scored(rubric, contact_id="1"), scored(rubric, recording="b.wav", contact_id="1"),
        ])  # fmt: skip
    for table in ("calls", "transcripts", "turns", "scorecards", "scores", "rubrics"):
        assert (table, store.sql(f"FROM {table}").rows) == (table, ())
    store.save_all([scored(rubric, recording=f"{n}.wav") for n in range(5)])
    assert store.sql("SELECT count(*) FROM calls").rows == ((5,),)


def test_a_query_is_one_select_and_cannot_write(store: Store, rubric: Rubric) -> None:
    store.save(scored(rubric))
    assert store.sql("SELECT team, percent FROM calls JOIN scorecards USING (call_id)").columns == ("team", "percent")
    for query, words in {
        "DELETE FROM calls": "only one SELECT",
        "SELECT 1; SELECT 2": "only one SELECT",
        "": "only one SELECT",
        "COPY calls TO 'out.csv'": "only one SELECT",
        "WITH d AS (DELETE FROM calls RETURNING *) SELECT * FROM d": "read-only",
        "SELECT nextval('job_ids')": "read-only",
        "SELECT * FROM cals": 'Did you mean "calls"',
        "SELEC 1": "syntax error",
        "SELECT 1 / 'x'": "Could not convert",
        "SELECT * FROM store": "does not exist",
    }.items():
        with pytest.raises(QueryProblem, match=words) as caught:
            store.sql(query)
        assert "\n" not in str(caught.value)
    assert store.sql("SELECT count(*) FROM calls").rows == ((1,),)


WRITER = """
import sys
import rubric
from qa.store import Store
from tests.qa_store.examples import scored
from qa.metadata import Metadata
r = rubric.load()
with Store.open(sys.argv[1]) as store:
    n = 0
    while True:
        store.save(scored(r, recording=f"{n % 7}.wav"))
        with store.files.incoming() as incoming:
            incoming.write(b"x" * 1000 + str(n).encode())
            incoming.settle()
            sha256 = incoming.keep()
        print(n, sha256, flush=True)
        n += 1
"""


def test_a_process_killed_while_writing_leaves_every_acknowledged_call_whole(path: Path) -> None:
    for least in (3, 20):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        assert writer.stdout is not None
        acknowledged = []
        for line in writer.stdout:
            acknowledged.append(line.split())
            if len(acknowledged) == least:
                os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        with Store.open(path, read_only=True) as store:  # the first to come after a crash may only want to read
            assert store.sql("SELECT count(*) FROM scorecards").rows[0][0] >= min(least, 7)
        with Store.open(path) as store:
            for call in store.calls(limit=10).calls:
                whole = store.call(call.call_id)
                assert (whole.transcript, whole.scorecard) == (FULL_TRANSCRIPT, FULL_SCORECARD)
            counts = store.sql(
                "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM scorecards), "
                "(SELECT count(*) FROM scores), (SELECT count(*) FROM transcripts), (SELECT count(*) FROM turns)"
            ).rows[0]
            calls = counts[0]
            assert calls >= min(least, 7)
            assert counts == (calls, calls, 3 * calls, calls, 3 * calls)
            assert all(store.files.has(sha256) for _, sha256 in acknowledged)
            assert list((store.files.root / "incoming").iterdir()) == []
