from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qa import inputs, metadata
from qa.errors import MetadataProblem
from qa.metadata import Metadata

BERLIN = ZoneInfo("Europe/Berlin")


def write(folder: Path, text: str, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"sound")
    csv = folder / "calls.csv"
    csv.write_text(text)
    return csv


def test_all_names_are_read_and_empty_ones_are_not_said() -> None:
    fields = {
        "recording": "a.wav", "team": "North", "agent": " Ada ", "contact_id": "4711", "agent_channel": "right",
        "started_at": "2026-03-01T14:05:00+01:00", "queue": "", "customer_ref": None, "medium": "chat",
    }  # fmt: skip
    assert metadata.parse(fields) == Metadata(
        recording="a.wav",
        team="North",
        agent="Ada",
        contact_id="4711",
        agent_channel="right",
        started_at=datetime(2026, 3, 1, 13, 5, tzinfo=UTC),
        medium="chat",
    )


def test_without_a_team_it_is_unassigned_and_without_an_agent_it_is_not_known() -> None:
    assert (metadata.parse({}).team, metadata.parse({"agent": " "}).agent) == ("unassigned", None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T14:05:00", datetime(2026, 3, 1, 13, 5, tzinfo=UTC)),
        ("2026-07-01 14:05", datetime(2026, 7, 1, 12, 5, tzinfo=UTC)),
        ("2026-07-01T14:05:00Z", datetime(2026, 7, 1, 14, 5, tzinfo=UTC)),
        ("20260701T140500+0530", datetime(2026, 7, 1, 8, 35, tzinfo=UTC)),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # shown twice that night: the first
    ],
)
def test_a_time_without_offset_is_of_the_configured_zone_and_kept_in_utc(text: str, moment: datetime) -> None:
    assert metadata.parse({"started_at": text}, zone=BERLIN).started_at == moment


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("agent_chanel", "left", ["agent_chanel", "did you mean agent_channel?"]),
        ("Team", "North", ["did you mean team?"]),
        ("zzz", "1", ["zzz", "the names are recording, team, agent"]),
        ("agent_channel", "middle", ["agent_channel", "'middle'", "left, right"]),
        ("medium", "fax", ["medium", "'fax'", "voice, chat, email, social"]),
        ("started_at", "yesterday", ["started_at", "'yesterday'", "ISO 8601"]),
        ("started_at", "2026-03-01", ["started_at", "ISO 8601"]),
        ("started_at", "2026-03-29T02:30:00", ["started_at", "Europe/Berlin", "offset"]),
        ("started_at", "0001-01-01T00:00:00+14:00", ["started_at", "years 1 to 9999"]),
        ("started_at", "0001-01-01T00:00:00", ["started_at", "years 1 to 9999"]),
        ("started_at", "9999-12-31T23:59:00-05:00", ["started_at", "years 1 to 9999"]),
        ("team", "No\nrth", ["team", "control characters"]),
        ("team", "x" * 501, ["team", "501", "500"]),
    ],
)
def test_a_wrong_name_or_value_is_named_in_one_line(field: str, value: str, words: list[str]) -> None:
    with pytest.raises(MetadataProblem) as caught:
        metadata.parse({field: value}, zone=BERLIN, place="form field ")
    assert str(caught.value).startswith(f"form field {field}: ")
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("recording,team", ["line 1", "agent is missing"]),
        ("file,team,agent", ["line 1", "'file'"]),
        ("recording,team,agent,started", ["'started'", "did you mean started_at?"]),
        ("recording,team,agent,agent", ["agent stands there twice"]),
        ("", ["recording and team and agent"]),
    ],
)
def test_a_csv_with_wrong_columns_is_refused_with_file_line_and_column(
    tmp_path: Path, header: str, words: list[str]
) -> None:
    csv = write(tmp_path, f"{header}\na.wav,North,Ada\n")
    with pytest.raises(MetadataProblem) as caught:
        metadata.read_csv(csv)
    for word in [str(csv), *words]:
        assert word in str(caught.value)


def test_a_csv_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(MetadataProblem, match=r"none\.csv: No such file"):
        metadata.read_csv(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("recording,team,agent\na.wav,Süd,Ada\n".encode("latin-1"))
    with pytest.raises(MetadataProblem, match=r"latin\.csv.*UTF-8"):
        metadata.read_csv(tmp_path / "latin.csv")


def test_a_spreadsheets_byte_order_mark_and_semicolons_are_read(tmp_path: Path) -> None:
    csv = write(tmp_path, "\ufeffrecording;team;agent\na.wav;North;Ada, the first\n")
    assert metadata.read_csv(csv)[0].metadata == Metadata(recording="a.wav", team="North", agent="Ada, the first")


def test_a_wrong_row_is_named_with_its_line_and_column_and_the_others_go_on(tmp_path: Path) -> None:
    csv = write(
        tmp_path,
        "recording,team,agent,agent_channel\n"
        "a.wav,North,Ada,left\n"
        "b.wav,North,Ada,middle\n"
        ",North,Ada,left\n"
        "d.wav,North,Ada,left,surplus\n"
        '"e.wav","No\nrth",Ada,\n'
        "f.wav,North,Ada,\n",
    )
    rows = metadata.read_csv(csv)
    assert [row.metadata and row.metadata.recording for row in rows] == ["a.wav", None, None, None, None, "f.wav"]
    problems = [row.problem for row in rows if row.problem]
    assert [f"{csv}, line {line}" in problem for line, problem in zip((3, 4, 5, 7), problems, strict=True)] == [
        True
    ] * 4
    assert "column agent_channel: 'middle'" in problems[0]
    assert "column recording" in problems[1]


def test_a_recording_is_a_path_from_the_csvs_folder_or_a_bare_name_among_the_files(tmp_path: Path) -> None:
    csv = write(
        tmp_path,
        "recording,team,agent\nsub/a.wav,North,Ada\nb.wav,South,Bo\n",
        "sub/a.wav", "elsewhere/b.wav",
    )  # fmt: skip
    found = inputs.gather([tmp_path / "sub", tmp_path / "elsewhere"], csv, zone=BERLIN)
    assert [(match.path.name, match.metadata and match.metadata.team) for match in found] == [
        ("a.wav", "North"), ("b.wav", "South"),
    ]  # fmt: skip
    assert [match.problem for match in found] == [None, None]


def test_a_row_without_a_file_and_a_file_without_a_row_are_both_named_and_stop_no_other(tmp_path: Path) -> None:
    csv = write(tmp_path, "recording,team,agent\nlost.wav,North,Ada\na.wav,North,Ada\n", "a.wav", "extra.wav")
    found = {match.path.name: match for match in inputs.gather([tmp_path], csv, zone=BERLIN)}
    assert found["a.wav"].problem is None
    assert str(found["lost.wav"].problem).startswith(f"{csv}, line 2: no file lost.wav")
    assert "extra.wav has no row" in str(found["extra.wav"].problem)
    assert len(found) == 3


def test_a_name_that_no_file_can_have_is_that_rows_problem_alone(tmp_path: Path) -> None:
    long = "x" * 300
    csv = write(tmp_path, f"recording,team,agent\n{long},North,Ada\na.wav,North,Ada\n", "a.wav")
    found = {match.path.name: match for match in inputs.gather([], csv, zone=BERLIN)}
    assert str(found[long].problem).startswith(f"{csv}, line 2: no file {long}")
    assert found["a.wav"].problem is None
    assert inputs.expand([long]) == (Path(long),)


def test_two_rows_for_one_file_and_a_name_that_two_files_have_are_named(tmp_path: Path) -> None:
    csv = write(
        tmp_path,
        "recording,team,agent\na.wav,North,Ada\n./a.wav,South,Bo\nb.wav,North,Ada\n",
        "a.wav", "x/b.wav", "y/b.wav",
    )  # fmt: skip
    found = inputs.gather([tmp_path / "a.wav", tmp_path / "x", tmp_path / "y"], csv, zone=BERLIN)
    problems = [match.problem for match in found if match.problem]
    assert "line 3: ./a.wav has a row already, line 2" in problems[0]
    assert "line 4: 2 files are called b.wav" in problems[1]


def test_with_paths_only_they_are_scored_and_without_any_every_row_is(tmp_path: Path) -> None:
    csv = write(tmp_path, "recording,team,agent\na.wav,North,Ada\nb.wav,North,Ada\n", "a.wav", "b.wav")
    assert [match.path.name for match in inputs.gather([tmp_path / "b.wav"], csv, zone=BERLIN)] == ["b.wav"]
    assert [match.path.name for match in inputs.gather([], csv, zone=BERLIN)] == ["a.wav", "b.wav"]


def test_folders_are_opened_up_in_order_and_what_is_not_a_call_is_passed_over(tmp_path: Path) -> None:
    write(
        tmp_path, "",
        "b.WAV", "a.mp3", "sub/c.vtt", "sub/d.json", "sub/d.truth.json", "notes.txt", ".hidden/e.wav", "odd.xyz",
    )  # fmt: skip
    assert [path.name for path in inputs.expand([tmp_path])] == ["a.mp3", "b.WAV", "c.vtt", "d.json"]
    named = [tmp_path / "odd.xyz", tmp_path / "sub" / "d.truth.json", tmp_path / "none.wav"]
    assert inputs.expand(named) == tuple(named)
