from __future__ import annotations

import shutil
from pathlib import Path

from qa.demo import CONVERSATIONS
from tests.cli.conftest import Demo, Run


def test_the_lowest_percent_comes_first(run: Run, demo: Demo) -> None:
    """A QA lead sees what to listen to, with the id that `qa show` takes."""
    lines = run("calls", "--team", "North", "--json", "--store", demo.store).json_lines
    percents = [line["percent"] for line in lines]
    assert len(lines) == 16
    assert percents == sorted(percents)
    assert set(lines[0]) >= {"call_id", "contact_id", "team", "agent", "percent", "flags"}
    assert run("show", lines[0]["call_id"], "--store", demo.store).code == 0
    table = run("calls", "--agent", lines[0]["agent"], "--team", "North", "--store", demo.store).out
    assert lines[0]["call_id"] in table
    assert lines[0]["contact_id"] in table
    assert f"{percents[0]:.0f} %" in table


def test_a_flagged_call_comes_before_all_others(run: Run, german: Path) -> None:
    """What cannot be judged until somebody looks stands at the top, with its flag."""
    run("score", CONVERSATIONS.with_name("south-04.json"), german)
    first, second = run("calls", "--json").json_lines
    assert (first["percent"], first["flags"]) == (None, ["other_language"])
    assert second["flags"] == []
    assert "other_language" in run("calls").out


def test_pages_hold_each_call_once(run: Run, demo: Demo, tmp_path: Path) -> None:
    """Page after page until there is none; it says where one is, and lines fit 80 columns."""
    store = shutil.copy(demo.store, tmp_path / "copy.duckdb")
    pages = [run("calls", "--limit", "10", "--page", page, "--store", store) for page in "12345"]
    assert [len(page.out.splitlines()) for page in pages[3:]] == [10, 1]
    assert "1 to 10 of 35 calls; more: --page 2" in pages[0].out
    assert "31 to 35 of 35 calls\n" in pages[3].out
    assert pages[4].out == "There is no page 5: 35 calls in all.\n"
    assert all(len(line) <= 80 for page in pages for line in page.out.splitlines())
    ids = [
        line["call_id"]
        for page in "1234"
        for line in run("calls", "--limit", "10", "--page", page, "--json", "--store", store).json_lines
    ]
    assert (len(ids), len(set(ids))) == (35, 35)
