from __future__ import annotations

import json
import re
from pathlib import Path

import rubric
from qa.demo import CONVERSATIONS
from tests.cli.conftest import Demo, Run

NORTH = CONVERSATIONS.with_name("north-05.json")


def test_show_marks_the_evidence_in_the_talk(run: Run, demo: Demo) -> None:
    """Every numbered point of the scorecard has its words marked in the transcript."""
    out = run("show", "car-repair", "--store", demo.store).out
    talk, card = re.split(r"^\d+ % {3}|^no percent", out, maxsplit=1, flags=re.MULTILINE)
    numbers = re.findall(r"^ +\[(\d+)\]", card, re.MULTILINE)
    assert numbers
    marked = {number for marks in re.findall(r"»\[([\d,\s]+)\]", talk) for number in re.findall(r"\d+", marks)}
    assert marked == set(numbers)


def test_show_says_each_interruption_where_it_happens(run: Run) -> None:
    """Who cuts in on whom and for how long stands before the turn that cuts in."""
    run("score", CONVERSATIONS.with_name("south-05.json"), "--contact-id", "lee")
    out = run("show", "lee").out
    count = len(run("show", "lee", "--json").json["interruptions"])
    assert count > 0
    told = re.findall(r"▼ the (?:agent|customer) cuts in on the [^▼«]*?: \d\.\d s of overlap", " ".join(out.split()))
    assert len(told) == count


def test_show_names_what_judged(run: Run, demo: Demo) -> None:
    """Model, settings, rubric and scorer stand above the talk: a percent means nothing without them."""
    out = run("show", "broadband", "--store", demo.store).out
    assert "model tiny.en" in " ".join(out.split())
    assert "beam_size" in out
    assert "rubric empathy" in out
    assert "agent on the right channel" in " ".join(out.split())


def test_show_json_is_the_whole_and_can_be_scored_again(run: Run, demo: Demo) -> None:
    """What `--json` prints as transcript is the form that `qa score` reads."""
    shown = run("show", "car-repair", "--json", "--store", demo.store).json
    assert set(shown) >= {"call_id", "transcript", "interruptions", "scorecard"}
    transcript = shown["transcript"]
    assert set(transcript) >= {"duration_s", "language", "speakers_from", "engine", "speech", "turns"}
    Path("again.json").write_text(json.dumps(transcript))
    line = run("score", "again.json", "--json").json_lines[0]
    assert line["percent"] == shown["scorecard"]["percent"]


def test_show_fits_80_columns(run: Run, demo: Demo) -> None:
    """Long turns are folded under themselves."""
    for call in ("broadband", "car-repair", "carers-payment", "north-05", "south-13"):
        out = run("show", call, "--store", demo.store).out
        assert [line for line in out.splitlines() if len(line) > 80 or line != line.rstrip()] == []


def test_a_call_that_is_not_there_is_wrong_usage(run: Run, demo: Demo) -> None:
    """Exit code 2 and one line; the store is not made where there is none."""
    done = run("show", "no-such-call", "--store", demo.store)
    assert done.code == 2
    assert "no-such-call" in done.err
    assert len(done.err.splitlines()) == 1
    assert run("show", "x").code == 3
    assert run("show", "x").err.startswith("qa: there is no store")


def test_a_reason_that_bars_everything_is_said_once(run: Run, german: Path) -> None:
    """One sentence above the criteria, not one under each."""
    line = run("score", german, "--json").json_lines[0]
    out = " ".join(run("show", line["call_id"]).out.split())
    assert out.count("not scorable") == len(rubric.load().criteria)
    assert out.count("in another language (de)") == 1


def test_turns_without_words_and_backchannels_are_marked(run: Run) -> None:
    """A turn whose words were not caught is not an empty line, and a backchannel says that it is one."""
    transcript = {
        "duration_s": 9.0,
        "language": "en",
        "speakers_from": "labelled",
        "engine": None,
        "speech": {"agent": [[0, 2], [4, 4.4]], "customer": [[3, 8]]},
        "turns": [
            {"index": 0, "speaker": "agent", "start_s": 0, "end_s": 2, "text": ""},
            {"index": 1, "speaker": "customer", "start_s": 3, "end_s": 8, "text": "My parcel never came."},
            {"index": 2, "speaker": "agent", "start_s": 4, "end_s": 4.4, "text": "Mm-hm.", "backchannel": True},
        ],
    }
    Path("talk.json").write_text(json.dumps(transcript))
    done = run("score", "talk.json", "--contact-id", "7")
    assert done.code == 0, done.err
    out = run("show", "7").out
    assert "0:00 agent    (speech not recognised)" in out
    assert "Mm-hm. (backchannel)" in out


COLD = """WEBVTT

00:00.000 --> 00:03.000
<v Agent>Larch Homeware.

00:04.000 --> 00:09.000
<v Customer>My lamp came broken and I'm really upset about it.

00:10.000 --> 00:15.000
<v Agent>You should have read the terms. That's not my problem.

00:16.000 --> 00:20.000
<v Customer>Can I at least send it back?

00:21.000 --> 00:25.000
<v Agent>As I already told you, that's your own fault. Whatever.
"""


def test_a_critical_criterion_that_is_missed_stands_beside_the_percent(run: Run) -> None:
    """In the summary and on the scorecard, so that no percent hides it."""
    Path("cold.vtt").write_text(COLD)
    assert "critical, missed: respects" in run("score", "cold.vtt", "--contact-id", "cold").out
    headline = re.search(r"^(?:\d+ %|no percent) .*\n.*", run("show", "cold").out, re.MULTILINE)
    assert headline
    assert "critical, missed: respects" in " ".join(headline[0].split())
    run("score", NORTH, "--contact-id", "kind")
    assert "critical, missed" not in run("show", "kind").out


def test_overlapping_evidence_is_marked_once(run: Run, demo: Demo) -> None:
    """No mark stands within another; the numbers of all that rests on the words stand behind them."""
    out = run("show", "car-repair", "--store", demo.store).out
    assert not re.search(r"««|»\[[\d, ]+\]»", out)
    assert re.search(r"»\[\d+, \d+", " ".join(out.split()))


def test_show_says_how_far_verdicts_agree_with_readers(run: Run) -> None:
    """With the figures of written and real talk, and which were never measured; of another rubric it says that."""
    run("score", NORTH, "--contact-id", "kind")
    out = " ".join(run("show", "kind").out.split())
    assert re.search(r"Agreement of verdicts with readers.*validates -?0\.\d\d written, -?0\.\d\d real", out)
    assert re.search(r"Not measured: .*apologises", out)
    run("rubric", "new", "ours.toml")
    run("rescore", "--rubric", "ours.toml")
    assert "measured for the built-in rubric, not for this one" in " ".join(run("show", "kind").out.split())
