import math
from pathlib import Path

import msgspec
import pytest

from qa.metadata import Metadata
from qa.settings import Settings
from qa.store import Comparison, Store
from rubric import Rubric
from rubric.types import RubricRef
from tests.qa_store.examples import FULL_SCORECARD, scored, sha256

replace = msgspec.structs.replace


Percents = dict[str | None, list[float | None]]


def put(store: Store, judge: Rubric, percents: Percents, *, team: str = "North", **card: object) -> None:
    """Calls with these percents, by agent."""
    store.save_all([
        replace(
            scored(judge, recording=f"{team}-{agent}-{number}-{card}", team=team, agent=agent),
            scorecard=replace(FULL_SCORECARD, percent=percent, **card),
        )
        for agent, values in percents.items()
        for number, percent in enumerate(values)
    ])  # fmt: skip


def only(found: tuple[Comparison, ...]) -> Comparison:
    assert len(found) == 1
    return found[0]


def test_a_teams_interval_is_clustered_by_agent(store: Store, rubric: Rubric) -> None:
    """By hand, over 7 calls of 3 agents: the mean is 386/7, and the agents' sums of (y - mean) are 74/7, -22/7, -52/7.

    SE = sqrt(3/2 × (74² + 22² + 52²) / 49) / 7 = 2.32652, and t(0.975, 2) = 4.30265.
    """
    put(store, rubric, {"Ada": [60.0, 58.0, 58.0], "Bo": [52.0], "Cy": [54.0, 54.0, 50.0], "Di": [None]})
    found = only(store.compare())
    assert found.mean == pytest.approx(386 / 7)
    assert found.low == pytest.approx(386 / 7 - 4.30265 * 2.32652, abs=1e-4)
    assert found.high == pytest.approx(386 / 7 + 4.30265 * 2.32652, abs=1e-4)
    assert (found.calls, found.unscored, found.agents, found.too_few) == (7, 1, 3, True)


def test_an_interval_stops_at_0_and_100(store: Store, rubric: Rubric) -> None:
    put(store, rubric, {"Ada": [0.0], "Bo": [50.0], "Cy": [100.0]})
    found = only(store.compare())
    assert (found.low, found.mean, found.high) == (0.0, 50.0, 100.0)


def test_agents_whose_calls_are_alike_count_as_agents_and_not_as_calls(store: Store, rubric: Rubric) -> None:
    """Four agents of three calls; the sums of (y - 50) are 9, -9, 3, -3: SE = sqrt(4/3 × 180) / 12 = 1.29099."""
    put(store, rubric, {"Ada": [53.0] * 3, "Bo": [47.0] * 3, "Cy": [50.0, 52.0, 51.0], "Di": [50.0, 48.0, 49.0]})
    found = only(store.compare())
    assert found.mean == pytest.approx(50)
    assert found.high == pytest.approx(50 + 3.18245 * 1.2909944, abs=1e-4)
    assert found.low == pytest.approx(50 - 3.18245 * 1.2909944, abs=1e-4)
    assert not found.too_few


def test_with_one_call_an_agent_it_is_the_plain_interval_of_a_mean(store: Store, rubric: Rubric) -> None:
    """1 to 12: mean 6.5, s = sqrt(13), t(0.975, 11) = 2.20099."""
    put(store, rubric, {f"a{n}": [float(n)] for n in range(1, 13)})
    found = only(store.compare())
    assert found.high == pytest.approx(6.5 + 2.20099 * math.sqrt(13) / math.sqrt(12), abs=1e-4)


def test_calls_alike_within_agents_make_a_wider_interval_than_if_they_were_independent(
    store: Store, rubric: Rubric
) -> None:
    put(
        store, rubric, {"Ada": [80.0, 80.0, 80.0, 81.0], "Bo": [60.0, 60.0, 60.0, 61.0], "Cy": [70.0, 70.0, 70.0, 71.0]}
    )
    team = only(store.compare())
    assert team.mean is not None
    assert team.high is not None
    independent = 2.201 * 8.53 / math.sqrt(12)
    assert team.high - team.mean > 2 * independent


def test_an_agents_interval_is_over_their_calls(store: Store, rubric: Rubric) -> None:
    """40, 50, 60: s = 10, t(0.975, 2) = 4.30265."""
    put(store, rubric, {"Ada": [40.0, 50.0, 60.0, None], "Bo": [40.0]})
    ada, bo = sorted(store.compare("agent"), key=lambda row: str(row.agent))
    assert (ada.agent, ada.calls, ada.unscored, ada.mean) == ("Ada", 3, 1, 50.0)
    assert ada.high == pytest.approx(50 + 4.30265 * 10 / math.sqrt(3), abs=1e-4)
    assert (bo.mean, bo.low, bo.high, bo.too_few) == (40.0, None, None, True)


def test_an_interval_that_cannot_be_known_is_null_and_not_everything(store: Store, rubric: Rubric) -> None:
    put(store, rubric, {"Ada": [50.0, 60.0, 70.0]}, team="One agent")
    put(store, rubric, {"Ada": [None], "Bo": [None]}, team="No percent")
    put(store, rubric, {"Ada": [100.0, 100.0], "Bo": [100.0], "Cy": [100.0]}, team="No spread")
    found = {row.team: (row.calls, row.unscored, row.mean, row.low, row.high) for row in store.compare()}
    assert found == {
        "One agent": (3, 0, 60.0, None, None),
        "No percent": (0, 2, None, None, None),
        "No spread": (4, 0, 100.0, None, None),
    }


def test_too_few_goes_by_the_floors_and_the_floors_are_shown(path: Path, rubric: Rubric) -> None:
    percents: Percents = {"Ada": [50.0] * 4, "Bo": [60.0] * 4}
    with Store.open(path) as store:
        put(store, rubric, percents | {"Cy": [70.0]}, team="nine calls")
        put(store, rubric, percents | {"Cy": [70.0, 71.0]}, team="ten calls")
        put(store, rubric, {"Ada": [50.0] * 6, "Bo": [60.0] * 6}, team="two agents")
        found = {row.team: (row.too_few, row.min_calls, row.min_agents) for row in store.compare()}
        assert found == {"nine calls": (True, 10, 3), "ten calls": (False, 10, 3), "two agents": (True, 10, 3)}
    with Store.open(path, settings=Settings(min_calls=9, min_agents=2)) as store:
        assert {row.too_few for row in store.compare()} == {False}
        assert {row.min_calls for row in store.compare("agent")} == {9}


def test_no_figure_mixes_rubrics_scorers_or_models(store: Store, rubric: Rubric) -> None:
    put(store, rubric, {"Ada": [10.0]})
    put(store, rubric, {"Ada": [20.0]}, rubric=RubricRef("house", "f" * 12))
    put(store, rubric, {"Ada": [30.0]}, scorer="f" * 12)
    put(store, rubric, {"Ada": [40.0]}, model="base")
    put(store, rubric, {"Ada": [50.0]}, model=None)
    put(store, rubric, {"Ada": [70.0]}, model=None, flags=("another",))
    for by in ("team", "agent"):
        assert sorted((row.mean, row.calls) for row in store.compare(by)) == [
            (10.0, 1), (20.0, 1), (30.0, 1), (40.0, 1), (60.0, 2),
        ]  # fmt: skip
    assert {row[0] for row in store.sql("SELECT applied FROM habits").rows} >= {1, 2}


def test_calls_whose_agent_is_not_known_are_one_cluster_and_no_agent(store: Store, rubric: Rubric) -> None:
    put(store, rubric, {"Ada": [40.0, 60.0], None: [50.0, 90.0]})
    found = only(store.compare())
    assert (found.calls, found.agents, found.mean) == (4, 1, 60.0)
    assert (found.low, found.high) == (0.0, 100.0)  # two clusters, sums -20 and 20, t(0.975, 1) = 12.7
    nobody = next(row for row in store.compare("agent") if row.agent is None)
    assert (nobody.mean, nobody.low, nobody.high) == (70.0, None, None)


def test_calls_that_wait_to_be_scored_are_counted_in_a_row_of_their_own(store: Store, rubric: Rubric) -> None:
    put(store, rubric, {"Ada": [40.0]})
    store.accept(sha256=sha256("waiting"), metadata=Metadata(team="North"))
    waiting, judged = sorted(store.compare(), key=lambda row: row.calls)
    assert (waiting.rubric, waiting.calls, waiting.unscored, waiting.mean) == (None, 0, 1, None)
    assert (judged.calls, judged.unscored) == (1, 0)


def test_habits_and_lines_say_what_was_earned_and_why(store: Store, rubric: Rubric) -> None:
    put(store, rubric, {"Ada": [40.0, 50.0]})
    habits = store.sql(
        "SELECT criterion, applied, met, missed, not_scorable, percent FROM habits ORDER BY criterion"
    ).rows
    assert habits == (
        ("a_first_in_name", 2, 0, 2, 0, 0.0),
        ("second_in_name_first_in_rubric", 2, 2, 0, 0, 100.0),
        ("third", 0, 0, 0, 2, None),
    )
    lines = store.sql(
        "SELECT criterion, verdict, points, quotes, at_s FROM scorecard_lines WHERE percent = 40 ORDER BY position"
    ).rows
    assert lines == (
        ("second_in_name_first_in_rubric", "met", 5.0, ["I'm sorry about that.", "bill, again."], 0.7),
        ("a_first_in_name", "missed", 0.0, [], None),
        ("third", "not_scorable", None, [], None),
    )
