from __future__ import annotations

import re

from tests.cli.conftest import Demo, Run


def test_demo_scores_three_calls_and_two_teams(demo: Demo) -> None:
    """One command shows the main job: three calls with their percents, one of them whole, and a comparison."""
    assert demo.code == 0, demo.err
    for call, quality in (("broadband", "good"), ("car-repair", "average"), ("carers-payment", "poor")):
        assert re.search(rf"^ {call} +{quality} +\d:\d\d +\d+ %", demo.out, re.MULTILINE), demo.out
    for team in ("North", "South"):
        assert re.search(rf"^ {team} +16 +\d+ .*\d+\.\d to \d+\.\d", demo.out, re.MULTILINE), demo.out


def test_demo_tells_good_from_poor(run: Run, demo: Demo) -> None:
    """The percents go with what the calls were written to be: none stands above one that is meant to be better."""
    percents = {
        row["contact_id"]: row["percent"]
        for row in run(
            "sql",
            "SELECT contact_id, percent FROM calls JOIN scorecards USING (call_id) WHERE team = 'Spoken'",
            "--json",
            "--store",
            demo.store,
        ).json
    }
    assert percents["broadband"] >= percents["car-repair"] > percents["carers-payment"]


def test_demo_shows_words_and_seconds(demo: Demo) -> None:
    """The scorecard that is shown whole quotes what was said, and when, under numbers that the talk has too."""
    quotes = re.findall(r"^ +\[(\d+)\] +\d:\d\d (?:agent|customer) +«", demo.out, re.MULTILINE)
    assert quotes
    assert re.search(rf"»\[{quotes[0]}[\],]", demo.out)


def test_demo_says_that_its_calls_are_made_up(demo: Demo) -> None:
    """Nobody takes synthetic calls for real ones, or two writers for two teams."""
    assert "Written by language models and spoken by synthetic voices" in demo.out
    assert "no real team stands behind the names" in " ".join(demo.out.split())


def test_demo_fits_80_columns_and_has_no_colour_in_a_pipe(demo: Demo) -> None:
    """It can be read in any terminal, and pasted."""
    assert [line for line in demo.out.splitlines() if len(line) > 80] == []
    assert "\x1b" not in demo.out + demo.err


def test_demo_can_be_run_again(demo: Demo, run: Run) -> None:
    """A second run finds the conversations and adds no call."""
    count = "SELECT count(*) AS n FROM calls"
    assert run("sql", count, "--json", "--store", demo.store).json == [{"n": 35}]
