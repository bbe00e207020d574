"""`qa rubric` as a QA lead uses it: see what is asked, begin a file, check it, score by it."""

from __future__ import annotations

from pathlib import Path

import pytest

import rubric
from qa.demo import CONVERSATIONS
from tests.cli.conftest import Run

NORTH = CONVERSATIONS.with_name("north-05.json")
OWN = """
[[criteria]]
id = "names_itself"
question = "Does the agent say a word that is in every call?"
max_points = 900

[criteria.check]
kind = "phrases"
phrases = ["(the|a|you|i)"]
"""


def test_show_says_what_each_criterion_asks(run: Run) -> None:
    """Question, points, when it applies and what each verdict means, with the numbers of the file, in 80 columns."""
    out = run("rubric", "show").out
    read = rubric.load()
    assert read.version in out
    flat = " ".join(out.split())
    for criterion in read.criteria:
        assert f"{criterion.id} {criterion.max_points:g} points" in flat
        assert criterion.question in flat
    assert [out.count(f"\n  {name}") for name in ("applies", "met", "partly", "missed")] == [len(read.criteria)] * 4
    assert [line for line in out.splitlines() if len(line) > 80 or line != line.rstrip()] == []


def test_show_has_the_numbers_of_the_file(run: Run) -> None:
    """A number changed in the file is changed in the sentence."""
    run("rubric", "new", "ours.toml")
    path = Path("ours.toml")
    path.write_text(path.read_text().replace("blame_turns = 2", "blame_turns = 7"))
    assert "with no dismissive turn up to 7 turns after it" in " ".join(run("rubric", "show", path).out.split())
    assert "up to 2 turns after it" in " ".join(run("rubric", "show").out.split())


def test_show_json(run: Run) -> None:
    """The same for scripts; `partly` is null where there is nothing between met and missed."""
    Path("ours.toml").write_text(f'id = "ours"\ntitle = "Ours"\n{OWN}')
    shown = run("rubric", "show", "ours.toml", "--json").json
    assert shown["version"] == rubric.load(Path("ours.toml")).version
    (criterion,) = shown["criteria"]
    assert (criterion["id"], criterion["kind"], criterion["max_points"]) == ("names_itself", "phrases", 900)
    assert criterion["met"] == "The agent says “(the|a|you|i)”, at least once."
    assert criterion["partly"] is None


def test_new_writes_a_file_that_is_right_and_never_writes_over_one(run: Run) -> None:
    """The starting point passes the check as it is; a second time the file stays, exit code 2."""
    assert run("rubric", "new", "ours.toml").code == 0
    path = Path("ours.toml")
    assert run("rubric", "check", path).code == 0
    assert run("rubric", "new").out == path.read_text()
    path.write_text("# precious")
    done = run("rubric", "new", path)
    assert (done.code, done.err) == (2, "qa: ours.toml is there and stays as it is; name a file that is not\n")
    assert path.read_text() == "# precious"
    done = run("rubric", "new", "nowhere/ours.toml")
    assert done.code == 2
    assert done.err.startswith("qa: nowhere/ours.toml: cannot be written")


def test_check_says_that_a_file_is_right_and_what_it_would_ask(run: Run) -> None:
    """Its id, its version, its points, and each question."""
    Path("ours.toml").write_text(f'id = "ours"\ntitle = "Ours"\n{OWN}')
    version = rubric.load(Path("ours.toml")).version
    done = run("rubric", "check", "ours.toml")
    assert done.code == 0
    assert f"ours.toml is right: rubric ours {version}, 1 question, 900 points." in " ".join(done.out.split())
    assert "names_itself" in done.out
    assert run("rubric", "check", "ours.toml", "--json").json == {
        "right": True,
        "problems": [],
        "id": "ours",
        "title": "Ours",
        "version": version,
        "language": "en",
        "criteria": ["names_itself"],
    }


def test_check_names_all_that_is_wrong(run: Run) -> None:
    """A line for each, with its place and the cure; exit code 2. `qa score` says the first."""
    wrong = (
        OWN.replace("max_points", "max_point").replace("|i)", "|i").replace('"phrases"', '"phrases"\nspeaker = "me"')
    )
    Path("ours.toml").write_text(f'id = "ours"\ntitle = "Ours"\n{wrong}')
    done = run("rubric", "check", "ours.toml")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        (
            "qa: ours.toml: unknown key 'max_point' at $.criteria[0], criterion 1 (names_itself); "
            "did you mean 'max_points'?"
        ),
        (
            "qa: ours.toml: there is no 'me' at $.criteria[0].check.speaker, criterion 1 (names_itself); "
            "it is one of agent, customer"
        ),
    ]
    said = run("rubric", "check", "ours.toml", "--json")
    assert (said.code, len(said.json["problems"])) == (2, 2)
    scored = run("score", NORTH, "--rubric", "ours.toml")
    assert (scored.code, scored.err.splitlines()) == (2, done.err.splitlines()[:1])


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("title = “Ours”", "quotes must be the straight ones: \" or '"),
        ('title = "Ours', 'a quote " is missing'),
        ("title = Ours", 'text stands in quotes: key = "text"'),
        ("title Ours", "a line is key = value, [table] or # a remark"),
    ],
)
def test_check_of_what_is_no_toml(run: Run, line: str, cure: str) -> None:
    """One line with the place, what stands there, and the likely cure."""
    Path("ours.toml").write_text(f'id = "ours"\n{line}\n')
    done = run("rubric", "check", "ours.toml")
    assert (done.code, done.err) == (2, f"qa: ours.toml: is not TOML: line 2, {line!r}; {cure}\n")


def test_a_rubric_file_alone_changes_the_scores(run: Run) -> None:
    """The same conversation, program and settings: by another file `qa rescore` gives it another percent."""
    run("rubric", "new", "ours.toml")
    Path("other.toml").write_text(Path("ours.toml").read_text() + OWN)
    first = run("score", NORTH, "--rubric", "ours.toml", "--json").json_lines[0]
    assert first["percent"] < 90
    (again,) = run("rescore", "--rubric", "other.toml", "--json").json_lines
    assert again["percent"] > 90
    card = run("show", first["call_id"], "--json").json["scorecard"]
    assert card["rubric"]["version"] == rubric.load(Path("other.toml")).version
    assert card["scorer"] == rubric.scorer_version()
    assert {each["rule"] for each in card["scores"][-1]["evidence"]} == {"phrases.names_itself"}
    assert run("verify", first["call_id"]).code == 0


def test_the_starting_point_scores_as_the_default_does(run: Run) -> None:
    """It is the default rubric under another name: the percent is the same."""
    run("rubric", "new", "ours.toml")
    built_in = run("score", NORTH, "--json").json_lines[0]
    (again,) = run("rescore", "--rubric", "ours.toml", "--json").json_lines
    assert again["percent"] == built_in["percent"]


@pytest.mark.parametrize(
    ("right", "wrong", "error"),
    [
        ('id = "names_itself"', 'id = "Names itself"', "it is small letters, digits and _, a letter first"),
        ('phrases = ["(the|a|you|i)"]', "phrases = []", "it is a list of one phrase or more"),
        ("max_points = 900", "max_points = 0", "it is a number over 0"),
        ("max_points = 900", "max_points = inf", "it is a number over 0, up to a million"),
        ('question = "Does the agent say a word that is in every call?"', 'question = ""', "say what it asks"),
        ('kind = "phrases"', 'kind = "phrases"\nmet_share = 50', "it is a share from 0 to 1: 0.5 is 50 %"),
    ],
)
def test_what_does_not_fit_is_said_in_words(run: Run, right: str, wrong: str, error: str) -> None:
    """No regular expression and no type of a programming language stands before an author."""
    Path("ours.toml").write_text('id = "ours"\ntitle = "Ours"\n' + OWN.replace(right, wrong))
    done = run("rubric", "check", "ours.toml")
    assert done.code == 2
    assert error in done.err
    assert "does not fit at $.criteria[0]" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("phrases", "error"),
    [
        ('phrases = ["call back*"]', "has '*' in 'back*'"),
        ('phrases = ["call back"]\nunless = ["call back"]', "'call back' is one of the phrases too"),
    ],
)
def test_what_would_find_nothing_is_said(run: Run, phrases: str, error: str) -> None:
    """A sign that means nothing, and a phrase that is taken back at once."""
    Path("ours.toml").write_text('id = "ours"\ntitle = "Ours"\n' + OWN.replace('phrases = ["(the|a|you|i)"]', phrases))
    done = run("rubric", "check", "ours.toml")
    assert done.code == 2
    assert error in done.err


def test_try_says_what_lines_are_read_as(run: Run) -> None:
    """Each line with its acts, the rule and the words; a phrase of one's own with its verdict."""
    Path("ours.toml").write_text(f'id = "ours"\ntitle = "Ours"\n{OWN}')
    lines = ("C: My parcel never came and I'm really upset.", "A: I'm so sorry, I can see why you're upset.")
    out = run("rubric", "try", "--rubric", "ours.toml", *lines).out
    assert "apology: «I'm so sorry, I can see why you're upset.»  apology.sorry-for" in out
    assert "names_itself: met." in out
    found = run("rubric", "try", "--json", *lines).json
    assert {"negative_emotion", "apology", "validation"} <= {act["label"] for act in found["acts"]}
    assert found["criteria"] == []


@pytest.mark.parametrize("line", ["Hello.", "A:", "X: Hello."])
def test_try_of_a_line_without_a_speaker(run: Run, line: str) -> None:
    """One line that says how lines begin."""
    done = run("rubric", "try", line)
    assert done.code == 2
    assert done.err == "qa: a line begins with A: (the agent) or C: (the customer), and has words behind it\n"
