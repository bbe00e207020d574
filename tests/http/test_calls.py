"""A recording sent to the server, and everything that can be asked about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qa import Metadata, Scoring, Store
from qa.scoring import result_line, whole

if TYPE_CHECKING:
    from tests.http.conftest import Server


@pytest.fixture(scope="module")
def call(server: Server, clips: list[Path]) -> dict[str, Any]:
    """One call, done."""
    return server.scored(clips[0], team="North", agent="Ana", contact_id="T-1", started_at="2026-03-01T10:00:00+01:00")


def test_an_upload_is_answered_with_where_to_ask(server: Server, clips: list[Path]) -> None:
    """202, the call's address, its id and its state."""
    answer = server.upload(clips[1], team="North", agent="Ben", started_at="2026-03-02T10:00:00Z")
    assert answer.status_code == 202
    call_id = answer.json()["call_id"]
    assert answer.json() == {"call_id": call_id, "state": "queued"}
    assert answer.headers["Location"] == f"/api/calls/{call_id}"
    assert server.ended(call_id)["state"] == "done"


def test_the_result_is_what_qa_score_gives(
    server: Server, call: dict[str, Any], clips: list[Path], tmp_path: Path
) -> None:
    """State, metadata and the result; the same scorecard and transcript as scoring the file directly."""
    assert (call["state"], call["error"]) == ("done", None)
    assert (call["team"], call["agent"], call["recording"]) == ("North", "Ana", "clip-0.wav")
    assert call["started_at"] == "2026-03-01T09:00:00Z"
    with Store.open(tmp_path / "qa.duckdb") as store, Scoring(store) as scoring:
        direct = scoring.score(clips[0], Metadata(recording="clip-0.wav", team="North", agent="Ana"))
        assert call["result"] == {**result_line(direct), "call_id": call["call_id"]}
        shown = whole(direct)
    address = f"/api/calls/{call['call_id']}"
    assert server.client.get(f"{address}/scorecard").json() == _plain(shown["scorecard"])
    assert server.client.get(f"{address}/transcript").json() == _plain(shown["transcript"])


def test_the_same_again_costs_no_transcription(server: Server, call: dict[str, Any], clips: list[Path]) -> None:
    """The same recording for the same team is the same call; saying the channel exchanges the speakers, no more."""
    before = server.transcriptions()
    address = f"/api/calls/{call['call_id']}/transcript"
    turns = server.client.get(address).json()["turns"]
    assert server.scored(clips[0], team="North", agent="Ana")["call_id"] == call["call_id"]
    assert server.client.get(address).json()["turns"] == turns
    assert server.corrected(call["call_id"], agent_channel="right")["state"] == "done"
    other = {"agent": "customer", "customer": "agent"}
    swapped = server.client.get(address).json()["turns"]
    assert [turn["speaker"] for turn in swapped] == [other[turn["speaker"]] for turn in turns]
    assert server.corrected(call["call_id"], agent_channel="left")["state"] == "done"
    assert server.client.get(address).json()["turns"] == turns
    assert server.transcriptions() == before


@pytest.mark.usefixtures("call")
def test_calls_are_listed_in_pages(server: Server, clips: list[Path]) -> None:
    """Newest first, by team, agent and time, a page at a time until `next` is null."""
    for index in (1, 2):
        server.scored(clips[index], team="Paged", agent=f"agent-{index}", started_at=f"2026-04-0{index}T08:00:00Z")
    first = server.client.get("/api/calls", params={"team": "Paged", "limit": 1}).json()
    assert [call["agent"] for call in first["calls"]] == ["agent-2"]
    second = server.client.get("/api/calls", params={"team": "Paged", "limit": 1, "after": first["next"]}).json()
    assert [call["agent"] for call in second["calls"]] == ["agent-1"]
    assert second["next"] is None

    def agents(**params: str) -> list[str]:
        calls = server.client.get("/api/calls", params={"team": "Paged", **params}).json()["calls"]
        return [call["agent"] for call in calls]

    assert agents(agent="agent-1") == ["agent-1"]
    assert agents(**{"from": "2026-04-02"}) == ["agent-2"]
    assert agents(to="2026-04-02") == ["agent-1"]
    assert agents(**{"from": "2026-04-01T10:00:00+02:00", "to": "2026-04-02T08:00:00Z"}) == ["agent-1"]
    assert agents(agent="nobody") == []


def test_teams_are_listed(server: Server, call: dict[str, Any]) -> None:
    """Each team with its numbers."""
    teams = {team["team"]: team for team in server.client.get("/api/teams").json()["teams"]}
    assert teams[call["team"]]["calls"] >= teams[call["team"]]["scored"] >= 1


@pytest.mark.usefixtures("call")
def test_teams_and_agents_are_compared(server: Server) -> None:
    """The rows of `qa compare`, all or of one team."""
    for by in ("team", "agent"):
        compared = server.client.get("/api/compare", params={"by": by, "team": "North"}).json()
        assert compared["by"] == by
        assert {row["team"] for row in compared["rows"]} == {"North"}
        assert compared["rows"][0]["model"] == "tiny.en"
        assert ("Ana" in {row["agent"] for row in compared["rows"]}) == (by == "agent")
    assert len(server.client.get("/api/compare").json()["rows"]) >= 1


@pytest.mark.parametrize(
    ("accept", "kind", "begins"),
    [
        ("text/vtt", "text/vtt; charset=utf-8", "WEBVTT\n\n00:00:0"),
        ("text/plain", "text/plain; charset=utf-8", "00:0"),
        ("application/json", "application/json", "{"),
        ("text/html, text/plain;q=0.5, */*;q=0.1", "text/plain; charset=utf-8", "00:0"),
        ("*/*", "application/json", "{"),
    ],
)
def test_a_transcript_comes_in_the_form_that_is_asked_for(
    server: Server, call: dict[str, Any], accept: str, kind: str, begins: str
) -> None:
    """JSON, WebVTT or text, by the Accept header."""
    answer = server.client.get(f"/api/calls/{call['call_id']}/transcript", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert answer.text.startswith(begins)


def test_a_form_that_cannot_be_had_is_refused(server: Server, call: dict[str, Any]) -> None:
    """406, and which forms there are."""
    answer = server.client.get(f"/api/calls/{call['call_id']}/transcript", headers={"Accept": "application/pdf"})
    assert answer.status_code == 406
    assert "text/vtt" in answer.json()["detail"]


def test_what_is_not_audio_fails_with_its_cause(server: Server, tmp_path: Path) -> None:
    """A text renamed .wav is taken, fails by itself, and says why wherever it is asked for."""
    path = tmp_path / "letter.wav"
    path.write_text("Dear Sir or Madam")
    failed = server.scored(path, team="Broken")
    assert failed["state"] == "failed"
    assert failed["error"].startswith("letter.wav: not a recording")
    assert failed["result"] is None
    answer = server.client.get(f"/api/calls/{failed['call_id']}/scorecard")
    assert answer.status_code == 409
    assert failed["error"] in answer.json()["detail"]
    assert server.client.get("/api/health").json()["status"] == "ok"


def test_a_name_in_any_script_is_kept(server: Server, clips: list[Path]) -> None:
    """File names and fields in UTF-8 come back as they were; folders before a name are dropped."""
    name = "../Müller – 電話 7.wav"
    fields = {"team": "Köln", "agent": "Łukasz"}
    answer = server.client.post("/api/calls", files={"recording": (name, clips[0].read_bytes())}, data=fields)
    call = server.ended(answer.json()["call_id"])
    assert (call["recording"], call["team"], call["agent"]) == ("Müller – 電話 7.wav", "Köln", "Łukasz")
    sound = server.client.get(f"/api/calls/{call['call_id']}/recording")
    assert sound.content == clips[0].read_bytes()


def _plain(value: Any) -> Any:
    import msgspec

    return msgspec.json.decode(msgspec.json.encode(value))
