from __future__ import annotations

import csv
import io

import pytest

from tests.cli.conftest import Demo, Run


def test_compare_gives_each_figure_its_n_and_interval(run: Run, demo: Demo) -> None:
    """Two teams of sixteen agents have intervals; three calls are too few, and say so."""
    rows = {row["team"]: row for row in run("compare", "--json", "--store", demo.store).json}
    for team in ("North", "South"):
        assert rows[team]["agents"] == rows[team]["calls"] >= 10
        assert rows[team]["calls"] + rows[team]["unscored"] == 16
        assert rows[team]["low"] < rows[team]["mean"] < rows[team]["high"]
        assert not rows[team]["too_few"]
    assert rows["Spoken"]["too_few"]
    assert "too few: fewer than 10 calls or 3 agents" in run("compare", "--store", demo.store).out


def test_compare_never_mixes_what_judged(run: Run, demo: Demo) -> None:
    """Calls from sound and written ones stand in tables of their own, each saying by what it was judged."""
    out = run("compare", "--store", demo.store).out
    assert out.count("rubric empathy") == 2
    assert "speech model tiny.en" in out
    assert "written transcripts" in out


def test_compare_by_agent_within_a_team(run: Run, demo: Demo) -> None:
    """A QA lead sees the agents of one team alone."""
    rows = run("compare", "--by", "agent", "--team", "North", "--json", "--store", demo.store).json
    assert len({row["agent"] for row in rows}) == 16
    assert {row["team"] for row in rows} == {"North"}


def test_sql_answers_as_table_json_and_csv(run: Run, demo: Demo) -> None:
    """Three forms of one answer; NULL is not 0 in any of them."""
    query = "SELECT team, count(*) AS n, NULL AS nothing FROM calls GROUP BY team ORDER BY team"
    expected = [("North", 16), ("South", 16), ("Spoken", 3)]
    assert run("sql", query, "--json", "--store", demo.store).json == [
        {"team": team, "n": n, "nothing": None} for team, n in expected
    ]
    rows = list(csv.reader(io.StringIO(run("sql", query, "--csv", "--store", demo.store).out)))
    assert rows == [["team", "n", "nothing"], *([team, str(n), ""] for team, n in expected)]
    table = run("sql", query, "--store", demo.store).out
    assert "NULL" in table
    assert "3 rows" in table


def test_sql_reads_a_query_from_stdin(run: Run, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is for long questions."""
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 1 AS one"))
    assert run("sql", "-", "--json", "--store", demo.store).json == [{"one": 1}]


def test_sql_keeps_columns_of_one_name_apart(run: Run, demo: Demo) -> None:
    """No column of the answer is lost in JSON."""
    assert run("sql", "SELECT 1 AS a, 2 AS a, 3 AS a", "--json", "--store", demo.store).json == [
        {"a": 1, "a_2": 2, "a_3": 3}
    ]


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM calls", "SELECT 1; SELECT 2", "SELEC 1", "SELECT * FROM no_such_table", "DROP VIEW team_comparison"],
)
def test_sql_that_is_not_one_select_is_refused_in_one_line(run: Run, demo: Demo, query: str) -> None:
    """Exit code 2, and nothing is changed."""
    done = run("sql", query, "--store", demo.store)
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert run("sql", "SELECT count(*) AS n FROM calls", "--json", "--store", demo.store).json == [{"n": 35}]


def test_sql_puts_a_field_on_a_line_where_a_row_is_too_wide(run: Run, demo: Demo) -> None:
    """Every name and value can be read at 80 columns, and numbers look as they do in `qa compare`."""
    out = run("sql", "FROM team_comparison WHERE team = 'North'", "--store", demo.store).out
    (row,) = run("compare", "--team", "North", "--json", "--store", demo.store).json
    fields = dict(line.split(maxsplit=1) for line in out.splitlines()[:-2])
    assert fields["team"] == "North"
    assert fields["rubric_version"] == row["rubric_version"]
    assert fields["mean"] == f"{row['mean']:.1f}"
    assert fields["model"] == "NULL"
    assert f"{fields['low']} to {fields['high']}" in run("compare", "--team", "North", "--store", demo.store).out
    assert out.endswith("\n1 row\n")
    assert [line for line in out.splitlines() if len(line) > 80] == []


def test_a_team_that_is_not_there_gets_the_nearest(run: Run, demo: Demo) -> None:
    """A slip in a name is no empty answer: exit code 2, and the name that was meant."""
    for command in ("compare", "calls"):
        done = run(command, "--team", "nort", "--store", demo.store)
        assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
        assert "did you mean North?" in done.err
