"""The command: its JSON, its tables, and what it keeps to itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import rubric
from benchmarks import agreement, gold, misses
from benchmarks.agreement import main
from benchmarks.gold import FREQUENT
from benchmarks.ours import Ours
from tests.benchmarks.test_gold import write
from transcription import Settings, models

FIGURES = {"n", "positives", "precision", "recall", "f1", "kappa", "low", "high"}
PLAIN = "I'm so sorry about that, that must have been frightening."
HIDDEN = "And the cake was on the back seat the whole time."


def conversation(name: str, *, read_as: list[str]) -> dict[str, Any]:
    """An agent's plain apology and validation, read as it may be, in a conversation of four turns."""
    return {
        "id": name,
        "channel": "chat",
        "criteria": {"validates": "met", "listens": "met"},
        "turns": [
            {"speaker": "customer", "text": "The brakes failed on the motorway and I was terrified!", "labels": []},
            {"speaker": "agent", "text": PLAIN, "labels": read_as},
            {"speaker": "customer", "text": "Thank you.", "labels": []},
            {"speaker": "agent", "text": HIDDEN, "labels": ["validation"]},
        ],
    }


def quality(group: str, level: str) -> list[dict[str, Any]]:
    """A row of a conversation of known quality: nothing put back, or everything."""
    good = "So your brakes failed and you're scared to drive now. That must have been terrifying."
    said = good if level == "high" else "Calm down. You should have checked them yourself."
    context = [{"speaker": "customer", "text": "My brakes failed, I'm so scared, I don't know what to do any more."}]
    return [
        {
            "id": group,
            "group": group,
            "text": said,
            "context": context,
            "labels": {"paraphrase": int(level == "high"), "validation": None},
            "meta": {"mi_quality": level},
        }
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two conversations, one of them read against the plain words, and rows of four others."""
    return write(
        tmp_path,
        one=conversation("one", read_as=["apology", "validation"]),
        two=conversation("two", read_as=["validation"]),
        counsel=[
            row for number, level in enumerate(("high", "high", "low", "low")) for row in quality(f"g{number}", level)
        ],
    )


def run(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exception is None or done.exit_code != 1 or done.output.startswith("Error"), done.exception
    return done


def test_json_has_the_figures_of_every_source_by_label(folder: Path) -> None:
    """Acts and criteria of conversations, labels of rows, and how well percent tells quality; nothing beside."""
    document = json.loads(run(folder, "--json").stdout)

    assert set(document) == {"gold", "gold_criteria", "counsel", "percent_auc"}
    assert set(document["gold"]["validation"]) == FIGURES
    assert set(document["gold_criteria"]) == {"listens", "validates"}
    assert set(document["gold_criteria"]["validates"]) == FIGURES | {"not_scorable"}
    assert set(document["counsel"]) == {"paraphrase"}  # nobody tells of validation
    assert set(document["percent_auc"]["counsel"]) == {"auc", "low", "high", "n_high", "n_low", "no_percent"}


def test_figures_of_conversations_by_hand(folder: Path) -> None:
    """Four agent turns. Apology: two found, one read, so 3/4 agree by chance 1/2: kappa 1/2. Validation: half found."""
    document = json.loads(run(folder, "--json").stdout)

    apology, validation = document["gold"]["apology"], document["gold"]["validation"]
    assert {name: apology[name] for name in ("n", "positives", "precision", "recall", "f1", "kappa")} == {
        "n": 4, "positives": 1, "precision": 0.5, "recall": 1.0, "f1": 0.6667, "kappa": 0.5,
    }  # fmt: skip
    assert {name: validation[name] for name in ("n", "positives", "precision", "recall", "kappa")} == {
        "n": 4, "positives": 4, "precision": 1.0, "recall": 0.5, "kappa": 0.0,
    }  # fmt: skip
    assert document["gold"]["refusal"] == {
        "n": 4, "positives": 0, "precision": None, "recall": None, "f1": None, "kappa": None, "low": None, "high": None,
    }  # fmt: skip


def test_percent_tells_what_was_read_as_high_from_low(folder: Path) -> None:
    """Two of each, the high ones all above the low ones."""
    auc = json.loads(run(folder, "--json").stdout)["percent_auc"]["counsel"]

    assert auc == {"auc": 1.0, "low": 1.0, "high": 1.0, "n_high": 2, "n_low": 2, "no_percent": 0}


def test_totals_show_no_words_and_no_conversation(folder: Path) -> None:
    """The tables with n and positives are there; text, names and groups are not."""
    whole, totals = run(folder), run(folder, "--totals")

    assert HIDDEN in whole.stdout
    assert "positives" in totals.stdout
    assert "mean kappa" in totals.stdout
    for secret in (HIDDEN, PLAIN, "brakes", "one,", "g1"):
        assert secret not in totals.output


def test_the_ten_worst_misses_come_with_what_weighed(folder: Path) -> None:
    """The farthest on the wrong side of zero first, each with its words, its sum and its parts."""
    whole = agreement.measure(gold.read(folder), rubric.load())

    worst = misses.worst(whole.readings["gold"])

    assert len(worst) <= 10
    assert [miss.off for miss in worst] == sorted((miss.off for miss in worst), reverse=True)
    [invented] = [miss for miss in worst if miss.label == "apology"]
    assert invented.invented
    assert invented.sum == pytest.approx(sum(weight for _, weight in invented.weighed))
    assert "rule:apology.sorry-for" in [name for name, _ in invented.weighed]


def test_cases_list_every_disagreement_about_a_label(folder: Path) -> None:
    """Both directions, with the turns before, for whoever writes the rules; --most keeps the farthest."""
    apology, validation = run(folder, "--cases", "apology"), run(folder, "--cases", "validation")

    assert "apology found, and not by the readers: 1" in apology.stdout
    assert "apology missed: 0" in apology.stdout
    assert "validation missed: 2" in validation.stdout
    assert validation.stdout.count(HIDDEN) == 2
    assert run(folder, "--cases", "validation", "--most", "1").stdout.count(HIDDEN) == 1
    assert run(folder, "--cases", "validation", "--totals").exit_code == 2


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """No traceback: what, where, and what to do."""
    done = run(tmp_path / "nowhere")

    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert done.output.count("\n") == 1


def test_fourteen_acts_make_the_mean() -> None:
    """The codebook's seventeen without the three that are rare in writing."""
    assert len(FREQUENT) == 14


def test_sound_is_measured_beside_its_text(tmp_path: Path) -> None:
    """A recording's acts by model, by its text, and by that without marks and case, over the same true turns."""
    calls = Path(agreement.__file__).parents[1] / "qa" / "data" / "demo" / "calls"
    truth = {
        "recording": "car-repair.ogg",
        "channels": {"left": "agent", "right": "customer"},
        "turns": [
            {"speaker": "agent", "start_s": 74.0, "end_s": 82.0, "text": "I hear you.", "labels": []},
            {"speaker": "customer", "start_s": 0.0, "end_s": 16.0, "text": "It broke.", "labels": ["problem"]},
        ],
    }
    (tmp_path / "car-repair.ogg").symlink_to(calls / "car-repair.ogg")
    (tmp_path / "car-repair.truth.json").write_text(json.dumps(truth))
    found = gold.read(tmp_path)
    ours = Ours(models.locate("tiny.en"), settings=Settings(), where=tmp_path / "cache")

    whole = agreement.measure(found, rubric.load(), [ours])

    assert list(whole.figures) == ["spoken/text", "spoken/bare-text", "spoken/tiny.en"]
    assert {of["validation"].n for of in whole.figures.values()} == {1}
    assert whole.figures["spoken/tiny.en"]["problem"].recall == 1.0
    assert whole.astray["spoken/tiny.en"] > 0
