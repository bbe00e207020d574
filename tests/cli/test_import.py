from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Demo, Run


def test_outcomes_are_kept_and_bad_rows_named(run: Run, demo: Demo, tmp_path: Path) -> None:
    """Exit code 1 where a row was not taken; the rest is there, and the same file again changes nothing."""
    store = shutil.copy(demo.store, tmp_path / "copy.duckdb")
    survey = tmp_path / "survey.csv"
    survey.write_text("contact_id,csat,churned\nnorth-01,4,no\nnorth-02,five,\nnowhere,1,\n")
    done = run("import", "outcomes", survey, "--store", store)
    assert (done.code, done.out) == (1, "2 new values, 0 replaced, 0 as before; 2 rows not taken, named above.\n")
    assert [line.startswith("qa: ") for line in done.err.splitlines()] == [True, True]
    assert "line 3, column csat: 'five' is not a number" in done.err
    assert "line 4: no call has the contact_id nowhere" in done.err
    rows = run("sql", "SELECT outcome, value FROM outcomes ORDER BY outcome", "--json", "--store", store).json
    assert rows == [{"outcome": "churned", "value": 0.0}, {"outcome": "csat", "value": 4.0}]
    survey.write_text("contact_id,csat,churned\nnorth-01,4,no\n")
    again = run("import", "outcomes", survey, "--json", "--store", store)
    assert (again.code, again.json) == (0, {"new": 0, "replaced": 0, "unchanged": 2, "problems": []})


def test_a_file_without_the_columns_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    """Exit code 2, in one line, and no store is made for it."""
    survey = tmp_path / "survey.csv"
    survey.write_text("contact_id,stars\n1,5\n")
    done = run("import", "outcomes", survey)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "column 'stars': not a name of outcomes" in done.err
    assert not (tmp_path / "qa.duckdb").exists()
