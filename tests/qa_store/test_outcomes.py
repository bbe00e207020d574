"""What became of calls: read from CSV, kept once, and held against their scores."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qa import outcomes
from qa.errors import MetadataProblem
from qa.outcomes import Imported, Row
from qa.store import Store
from rubric import Rubric
from tests.qa_store.hand_made import call, talk


@pytest.fixture
def known(store: Store, rubric: Rubric) -> Store:
    """Three calls; the contact id 7 is in two teams."""
    store.save_all([
        call(rubric, "7", "North", "Ada", 2, 50.0, talk(0)),
        call(rubric, "8", "North", "Bo", 2, 70.0, talk(2)),
        call(rubric, "7", "South", "Cy", 3, 60.0, talk(1)),
    ])  # fmt: skip
    return store


def bring(store: Store, folder: Path, text: str) -> Imported:
    path = folder / "survey.csv"
    path.write_text(text)
    done = store.import_outcomes(outcomes.read_csv(path))
    return Imported(
        done.new, done.replaced, done.unchanged, tuple(each.replace(f"{path}, ", "") for each in done.problems)
    )


def kept(store: Store) -> list[tuple[object, ...]]:
    return list(
        store.sql(
            "SELECT team, contact_id, outcome, value FROM outcomes JOIN calls USING (call_id) ORDER BY team, 2, outcome"
        ).rows
    )


def test_every_column_is_read_and_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    """Semicolons, capitals and times of the zone as elsewhere; 0 is not nothing."""
    path = tmp_path / "survey.csv"
    path.write_text(
        "contact_id;team;csat;repeat_contact;churned;when\n"
        "7;North;4.5;YES;no;2026-03-02T09:00:00\n"
        "8;;0;;;\n"
    )  # fmt: skip
    values = {"csat": 4.5, "repeat_contact": 1.0, "churned": 0.0}
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert outcomes.read_csv(path, zone=ZoneInfo("Europe/Berlin")) == (
        Row(place=f"{path}, line 2", contact_id="7", team="North", values=values, at=at),
        Row(place=f"{path}, line 3", contact_id="8", values={"csat": 0.0}),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("contact_id,cast\n7,4\n", "line 1, column 'cast': not a name of outcomes; did you mean csat"),
        ("team,csat\nNorth,4\n", "no column says which call it is; add call_id or contact_id"),
        ("contact_id,team\n7,North\n", "no column says what became of it; add csat or repeat_contact or churned"),
    ],
)
def test_a_file_that_is_no_file_of_outcomes_is_refused_whole(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(text)
    with pytest.raises(MetadataProblem, match=words):
        outcomes.read_csv(path)


def test_bad_rows_are_named_and_the_others_kept(known: Store, tmp_path: Path) -> None:
    done = bring(
        known, tmp_path,
        "contact_id,team,csat,repeat_contact,when\n"
        "8,,3,no,\n"
        "9,,3,,\n"
        "7,,3,,\n"
        "7,South,4,,\n"
        "7,East,4,,\n"
        ",North,4,,\n"
        '8,,"4,5",,\n'
        "8,,nan,,\n"
        "8,,,maybe,\n"
        "8,,4,,yesterday\n"
        "8,,4,,,x\n"
        "8,,,,\n",
    )  # fmt: skip
    assert kept(known) == [
        ("North", "8", "csat", 3.0),
        ("North", "8", "repeat_contact", 0.0),
        ("South", "7", "csat", 4.0),
    ]
    assert (done.new, done.replaced, done.unchanged) == (3, 0, 0)
    assert done.problems == (
        "line 3: no call has the contact_id 9; correct it, or score the call first",
        "line 4: several teams have a call with contact_id 7 (North, South); fill in team",
        "line 6: the call with contact_id 7 has another team (team North, South); correct it",
        "line 7: it names no call; fill in call_id or contact_id",
        "line 8, column csat: '4,5' is not a number; write it as 4 or 4.5",
        "line 9, column csat: 'nan' is not a number; write it as 4 or 4.5",
        "line 10, column repeat_contact: 'maybe' is neither yes nor no; write one of yes, true, 1, no, false, 0",
        "line 11, column when: 'yesterday' is not a date and time in ISO 8601, such as 2026-03-01T14:05:00+01:00",
        "line 12: more cells than columns; put a cell that holds a comma into quotes",
    )


def test_a_call_may_be_named_by_its_call_id(known: Store, tmp_path: Path) -> None:
    """A contact id or team beside it must be that call's."""
    call_id = known.row("8").call_id
    done = bring(known, tmp_path, f"call_id,contact_id,churned\n{call_id},,yes\n{call_id},8,yes\n{call_id},7,no\n")
    assert kept(known) == [("North", "8", "churned", 1.0)]
    assert done.problems == (
        f"line 4: the call with call_id {call_id} has another contact_id (contact_id 8); correct it",
    )


@pytest.mark.parametrize("when", ["", "2026-03-02T09:00:00Z"])
def test_the_same_file_again_changes_nothing(known: Store, tmp_path: Path, when: str) -> None:
    text = f"contact_id,csat,churned,when\n8,3,no,{when}\n"
    assert bring(known, tmp_path, text) == Imported(2, 0, 0, ())
    before = known.sql("SELECT * FROM outcomes ORDER BY outcome").rows
    assert bring(known, tmp_path, text) == Imported(0, 0, 2, ())
    assert known.sql("SELECT * FROM outcomes ORDER BY outcome").rows == before


def test_a_later_value_replaces_an_earlier_one_in_whatever_order_they_come(known: Store, tmp_path: Path) -> None:
    def csat(value: int, day: int) -> Imported:
        return bring(known, tmp_path, f"contact_id,csat,when\n8,{value},2026-03-{day:02}T09:00:00Z\n")

    assert csat(3, 10) == Imported(1, 0, 0, ())
    assert csat(4, 12) == Imported(0, 1, 0, ())
    assert csat(2, 11) == Imported(0, 0, 1, ())
    assert csat(4, 14) == Imported(0, 1, 0, ())  # still so on the 14th: what was said on the 13th is no news
    assert csat(1, 13) == Imported(0, 0, 1, ())
    assert kept(known) == [("North", "8", "csat", 4.0)]
    assert bring(known, tmp_path, "contact_id,csat\n8,5\n") == Imported(0, 1, 0, ())
    assert kept(known) == [("North", "8", "csat", 5.0)]


def test_an_empty_cell_leaves_what_is_kept_and_of_one_file_the_later_row_counts(known: Store, tmp_path: Path) -> None:
    assert bring(known, tmp_path, "contact_id,csat,churned\n8,3,no\n8,,yes\n8,4,\n") == Imported(2, 0, 2, ())
    assert kept(known) == [("North", "8", "churned", 1.0), ("North", "8", "csat", 4.0)]


def test_what_cannot_be_known_of_scores_and_outcomes_is_null(store: Store, rubric: Rubric, tmp_path: Path) -> None:
    """Two calls make no correlation, nor do equal outcomes; one agent makes no interval."""
    percents = {"a": 40.0, "b": 60.0, "c": 80.0, "d": None}
    store.save_all([call(rubric, name, "North", "Ada", 2, percent, talk(0)) for name, percent in percents.items()])
    rows = "a,1,yes,yes\nb,3,no,yes\nc,5,,yes\nd,5,yes,yes\n"
    assert bring(store, tmp_path, f"contact_id,csat,repeat_contact,churned\n{rows}").problems == ()
    assert store.sql(
        "SELECT outcome, calls, agents, round(correlation, 9), low, high, too_few FROM outcomes_by_score "
        "WHERE team = 'North' ORDER BY outcome"
    ).rows == (
        ("churned", 3, 1, None, None, None, True),
        ("csat", 3, 1, 1.0, None, None, True),
        ("repeat_contact", 2, 1, None, None, None, True),
    )
    assert store.sql(
        "SELECT third, calls, mean, low FROM outcomes_by_third WHERE outcome = 'csat' AND team IS NULL ORDER BY third"
    ).rows == ((1, 1, 1.0, None), (2, 1, 3.0, None), (3, 1, 5.0, None))


def test_calls_of_one_percent_stand_in_one_third(store: Store, rubric: Rubric, tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(6)]
    store.save_all([
        call(rubric, name, "North", "Ada", 2, percent, talk(0))
        for name, percent in zip(names, [50.0, 50.0, 50.0, 50.0, 50.0, 90.0], strict=True)
    ])  # fmt: skip
    bring(store, tmp_path, "contact_id,csat\n" + "".join(f"{name},4\n" for name in names))
    assert store.sql(
        "SELECT third, percent_from, percent_to, calls FROM outcomes_by_third WHERE team = 'North' ORDER BY third"
    ).rows == ((1, 50.0, 50.0, 5), (3, 90.0, 90.0, 1))


def test_agents_of_one_name_in_two_teams_are_two(store: Store, rubric: Rubric, tmp_path: Path) -> None:
    for number, team in enumerate(("North", "South")):
        store.save_all([
            call(rubric, f"{team}{n}", team, "Ada", 2, 50.0 + 10 * n * (1 + number), talk(0)) for n in range(2)
        ])  # fmt: skip
    bring(store, tmp_path, "contact_id,csat\nNorth0,1\nNorth1,3\nSouth0,2\nSouth1,5\n")
    assert store.sql("SELECT calls, agents FROM outcomes_by_score WHERE team IS NULL").rows == ((4, 2),)
