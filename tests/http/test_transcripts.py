"""Transcripts sent to the server, which scores them at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import qa.demo

if TYPE_CHECKING:
    from tests.http.conftest import Server

CONVERSATION = (qa.demo.FOLDER / "conversations" / "north-01.json").read_bytes()
VTT = b"""WEBVTT

00:00.000 --> 00:02.000
<v Caller>I ordered a cot on Monday and nobody came.

00:02.000 --> 00:04.000
<v Agent>I am sorry.
"""


def test_a_transcript_is_scored_at_once(server: Server) -> None:
    """201 with the whole result line; the call is there like any other, but for a recording."""
    fields = {"team": "North", "agent": "Danielle", "contact_id": "N-1"}
    answer = server.client.post("/api/transcripts", files={"transcript": ("north-01.json", CONVERSATION)}, data=fields)
    assert answer.status_code == 201
    line = answer.json()
    assert set(line["criteria"]) >= {"listens", "validates", "paraphrases", "offers_alternatives"}
    assert answer.headers["Location"] == f"/api/calls/{line['call_id']}"
    call = server.client.get(answer.headers["Location"]).json()
    assert (call["state"], call["agent"], call["result"]) == ("done", "Danielle", line)
    turns = server.client.get(f"/api/calls/{line['call_id']}/transcript").json()["turns"]
    assert [turn["text"] for turn in turns] == [turn["text"] for turn in json.loads(CONVERSATION)["turns"]]
    missing = server.client.get(f"/api/calls/{line['call_id']}/recording")
    assert (missing.status_code, "came as a transcript" in missing.json()["detail"]) == (404, True)


def test_subtitles_are_a_transcript(server: Server) -> None:
    """WebVTT with speakers; cue times tell nothing of interruptions."""
    answer = server.client.post("/api/transcripts", files={"transcript": ("a.vtt", VTT)}, data={"team": "North"})
    assert answer.status_code == 201
    assert answer.json()["interruptions"] == {"by_agent": None, "by_customer": None}
    assert answer.json()["criteria"]["listens"]["verdict"] == "not_scorable"


def test_what_is_no_transcript_is_named_with_its_place(server: Server) -> None:
    """422 with the file, the path and the cause."""
    data = b'{"turns": [{"speaker": "agnet", "text": "a"}]}'
    answer = server.client.post("/api/transcripts", files={"transcript": ("a.json", data)})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("transcript: a.json: $.turns[0].speaker: there is no 'agnet'")
    assert "$.turns[0].speaker" in answer.json()["detail"]


def test_a_field_that_is_of_recordings_alone_is_refused(server: Server) -> None:
    """A transcript names its speakers; there is no channel to say."""
    answer = server.client.post(
        "/api/transcripts", files={"transcript": ("a.vtt", VTT)}, data={"agent_channel": "left"}
    )
    assert answer.status_code == 400
    assert "'agent_channel' is not known" in answer.json()["detail"]
