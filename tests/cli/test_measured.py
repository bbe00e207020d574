"""The measures of a call as `qa show` prints them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Run

CALL: list[dict[str, Any]] = [
    {"speaker": "customer", "start_s": 0, "end_s": 6, "text": "I'm really upset, my cot never came and I'm furious."},
    {"speaker": "agent", "start_s": 6.5, "end_s": 12.5, "text": "I'm so sorry about that. It was due on Monday."},
    {"speaker": "agent", "start_s": 13, "end_s": 15, "text": "Bear with me while I look."},
    {"speaker": "agent", "start_s": 25, "end_s": 29, "text": "It left the depot today and comes tomorrow at ten."},
    {"speaker": "customer", "start_s": 30, "end_s": 34, "text": "Oh thank you so much, that's wonderful."},
]


def shown(run: Run, turns: list[dict[str, Any]], **transcript: object) -> list[str]:
    """The lines of the block that `qa show` prints for a transcript."""
    numbered = [{"index": index, **turn} for index, turn in enumerate(turns)]
    Path("talk.json").write_text(json.dumps({"language": "en", "turns": numbered, **transcript}))
    assert run("score", "talk.json", "--contact-id", "7").code == 0
    out = run("show", "7").out
    assert out.count("Measures (no points)") == 1
    return out.partition("Measures (no points)\n")[2].splitlines()


def test_the_measures_are_shown_side_by_side_with_their_units(run: Run) -> None:
    """The agent: 12 of 22 s, 6.5 to 15 at a stretch, answers after 0.5 s, 26 words in 12 s; the customer 17 in 10."""
    assert shown(run, CALL) == [
        "                             agent  customer",
        "share of the talk             55 %      45 %",
        "longest monologue            8.5 s     6.0 s",
        "time to answer (median)      0.5 s     1.0 s",
        "words per minute               130       102",
        "agent's pace              1.27 × the customer's",
        "silences over 3 s         1, 10.0 s in all; explained: 1 (10.0 s)",
        "customer's mood           upset (-1.0) at the start, content (1.0) at the end",
        "stock phrases             100 % of the agent's sentences of empathy",
    ]


def test_what_is_not_known_is_a_dash_and_says_why_where_that_helps(run: Run) -> None:
    """A chat has neither pauses nor pace; without words of empathy there is no share of them."""
    chat = [{name: value for name, value in turn.items() if not name.endswith("_s")} for turn in CALL]
    chat[1] = {"speaker": "agent", "text": "It was due on Monday."}
    assert shown(run, chat, medium="chat", times_from="none") == [
        "talk and pace             – (written)",
        "customer's mood           upset (-1.0) at the start, content (1.0) at the end",
        "stock phrases             – (no words of empathy)",
    ]


def test_one_channel_shows_silences_and_nothing_of_who_spoke(run: Run) -> None:
    """What is known without knowing who speaks is shown, and no line says 0 of what is not known."""
    nobody = [{**turn, "speaker": "unknown"} for turn in CALL]
    assert shown(run, nobody, speakers_from=None) == [
        "talk and pace             –",
        "silences over 3 s         1, 10.0 s in all; explained: –",
        "customer's mood           – at the start, – at the end",
        "stock phrases             –",
    ]


def test_show_json_has_the_measures_in_the_scorecard_and_the_lines_of_score_have_not(run: Run) -> None:
    """Unknown is null in JSON; the line of `qa score --json` stays as it is."""
    shown(run, CALL)
    measures = run("show", "7", "--json").json["scorecard"]["measures"]
    assert (measures["silence_s"], measures["mood_start"], measures["pace_following"]) == (10.0, -1.0, None)
    assert "measures" not in run("score", "talk.json", "--json").json_lines[0]
    answer = run("sql", "SELECT silences, silence_s, pace_following FROM measures", "--json").json
    assert answer == [{"silences": 1, "silence_s": 10.0, "pace_following": None}]
