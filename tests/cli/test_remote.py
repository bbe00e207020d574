"""The command line through a server that holds the store: the same answers, the same exit codes, and its errors."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

import rubric
from benchmarks.serving import Server, start_server
from qa import Metadata, Scoring, Store
from qa.announcement import announced, server_of
from qa.version import version
from tests.cli.conftest import DEMO_CALLS, RATE, Done, Run, write_wav
from tests.conftest import DATA
from tests.waiting import until
from transcription.errors import BadRecording

RUBRIC = Path(rubric.__file__).with_name("default.toml")
CONVERSATIONS = DEMO_CALLS.parent / "conversations"
Program = Callable[..., subprocess.Popen[str]]


class Twins(NamedTuple):
    """A store that a server holds, a copy of it that nobody holds, and keys that both have, by what they may."""

    server: Server
    copy: Path
    keys: dict[str, str]

    @property
    def held(self) -> Path:
        return self.server.store


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """Four written calls and one from sound, two of them with one contact id, in two stores that are alike."""
    folder = tmp_path_factory.mktemp("twins")
    with Store.open(folder / "held.duckdb") as store, Scoring(store) as scoring:
        for name, team in (("north-01", "North"), ("north-02", "North"), ("south-01", "South"), ("south-02", "South")):
            said = Metadata(team=team, agent=f"agent {name}", contact_id="4711" if name.endswith("1") else name)
            scoring.score(CONVERSATIONS / f"{name}.json", said)
        scoring.score(DATA / "two-people-5s.wav", Metadata(team="Spoken", contact_id="a/b ü", extra={"a": 1}))
        keys = {
            "administer": store.create_key(name="all", roles=["administer"])[1],
            "read": store.create_key(name="reads", roles=["read"])[1],
            "north": store.create_key(name="north", roles=["upload", "read", "analyse"], teams=["North"])[1],
        }
    shutil.copy(folder / "held.duckdb", folder / "copy.duckdb")
    shutil.copytree(folder / "held.duckdb.files", folder / "copy.duckdb.files")
    server = start_server(folder / "held.duckdb")
    server.client.headers["Authorization"] = f"Bearer {keys['administer']}"
    yield Twins(server, folder / "copy.duckdb", keys)
    assert server.stop() == 0
    assert not server_of(server.store, pid=server.process.pid)  # it has taken its address back


Both = Callable[..., tuple[Done, Done]]


@pytest.fixture
def ask(run: Run, twins: Twins, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `qa` with the key that may everything, which nothing printed may show."""
    monkeypatch.setenv("QA_API_KEY", twins.keys["administer"])

    def ask(*arguments: str | Path) -> Done:
        done = run(*arguments)
        assert not any(key.split("_", 2)[2] in done.out + done.err for key in twins.keys.values())
        return done

    return ask


@pytest.fixture
def both(ask: Run, twins: Twins) -> Both:
    """Runs a command on the store that nobody holds, and through the server."""
    return lambda *arguments: (ask(*arguments, "--store", twins.copy), ask(*arguments, "--store", twins.held))


def same_in_sql(both: Both, query: str) -> Any:
    """What both say to a query, the server once its snapshot, which is seconds old, has what was written."""
    until(lambda: len({done.out for done in both("sql", query, "--json")}) == 1)
    return both("sql", query, "--json")[1].json


SQL = """
    SELECT 1 AS a, 2 AS a, 1.50 AS money, 0.1::DOUBLE AS tenth, 3::DOUBLE AS three, sum(calls) AS calls,
        NULL AS nothing, true AS yes, [1.5, 2.5] AS pair, {'b': 0.25::DOUBLE} AS parts, MAP {'c': 1} AS map,
        '2026-03-01T10:00:00.25Z'::TIMESTAMPTZ AS moment,
        '2026-03-01 10:00'::TIMESTAMP AS local_time, '2026-03-01'::DATE AS day, '10:00:01'::TIME AS clock,
        INTERVAL 90 MINUTE AS time_span, 'a,"b"' AS text, 'ab'::BLOB AS bytes, 10::DECIMAL(38, 0) AS wide
    FROM team_comparison
"""


@pytest.mark.parametrize(
    "command",
    [
        ["calls"],
        ["calls", "--json"],
        ["calls", "--team", "North", "--limit", "1", "--page", "2"],
        ["calls", "--page", "9"],
        ["calls", "--team", "North", "--agent", "agent south-01"],
        ["compare"],
        ["compare", "--by", "agent", "--team", "South", "--json"],
        ["compare", "--team", "nort"],
        ["show", "north-02"],
        ["show", "north-02", "--json"],
        ["show", "a/b ü", "--json"],
        ["show", "4711", "--team", "South"],
        ["show", "4711"],
        ["show", "nowhere", "--json"],
        ["sql", "SELECT team, agent, percent FROM calls JOIN scorecards USING (call_id) ORDER BY ALL", "--csv"],
        ["sql", "SELEC 1"],
        ["sql", "DELETE FROM calls"],
        ["keys", "list"],
        ["keys", "list", "--json"],
        ["keys", "revoke", "none"],
        ["keys", "revoke", "no/ne"],
        ["erase", "north-02", "nowhere"],
    ],
    ids=lambda command: " ".join(command)[:40],
)
def test_what_a_command_says_is_the_same_through_the_server(both: Both, command: list[str]) -> None:
    """Byte for byte, on stdout and stderr, with the same exit code."""
    alone, served = both(*command)
    assert alone == served


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_values_of_every_type_are_the_same_through_the_server(both: Both, form: list[str]) -> None:
    """Whole numbers, money to the cent, moments, lists: JSON has fewer types than SQL, and none is lost."""
    alone, served = both("sql", SQL, *form)
    assert (alone.code, alone.err) == (0, "")
    assert alone == served
    if form == ["--json"]:
        moments = "SELECT ['2026-03-01T10:00:00Z'::TIMESTAMPTZ] AS moments, {'day': '2026-03-01'::DATE} AS parts"
        alone, served = both("sql", moments, *form)
        assert alone == served


def test_outcomes_come_in_through_the_server(both: Both, tmp_path: Path) -> None:
    """The rows that could not be taken are named in their order, whoever found them."""
    survey = tmp_path / "survey.csv"
    survey.write_text(
        "contact_id,team,csat,churned,when\nnorth-02,,4.5,no,\nnorth-02,,five,,\nnowhere,,1,,\n4711,,1,,\n"
        "4711,South,2,yes,2026-03-01T10:00\n,,1,,\nsouth-02,North,1,,\n"
    )
    for more in ([], ["--json"]):
        alone, served = both("import", "outcomes", survey, *more)
        assert (alone.code, len(alone.err.splitlines())) == (1, 5)
        assert alone == served
    same_in_sql(both, "SELECT outcome, value, known_at::DATE AS day FROM outcomes ORDER BY ALL")


def test_a_snapshot_that_cannot_be_written_is_said_as_without_a_server(both: Both) -> None:
    """A name that is no form, a file that is there, a folder that is not: exit code 3, and nothing is left."""
    Path("here.duckdb").touch()
    for name in ("calls.csv", "here.duckdb", "nowhere/calls.duckdb"):
        alone, served = both("snapshot", name)
        assert alone == served
        assert (served.code, len(served.err.splitlines())) == (3, 1)
    assert [path.name for path in Path().iterdir()] == ["here.duckdb"]


def test_the_snapshot_of_a_server_can_be_opened(ask: Run, twins: Twins, tmp_path: Path) -> None:
    """What may be read, as a file of one's own."""
    done = ask("snapshot", tmp_path / "calls.duckdb", "--store", twins.held)
    assert (done.code, done.out.startswith("Wrote ")) == (0, True)
    with duckdb.connect(str(tmp_path / "calls.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM calls WHERE team = 'South'").fetchall() == [(2,)]


def test_keys_are_made_and_revoked_through_the_server(both: Both, twins: Twins) -> None:
    """Shown once; from the answer on a revoked one opens nothing."""
    made = [done.json for done in both("keys", "create", "phones", "--role", "read", "--team", "North", "--json")]
    unlike = {"key_id", "created_at"}
    assert len({json.dumps({k: v for k, v in each["key"].items() if k not in unlike}) for each in made}) == 1
    key = made[1]["key"]["key_id"]
    headers = {"Authorization": f"Bearer {made[1]['text']}"}
    assert twins.server.client.get("/api/teams", headers=headers).status_code == 200
    done = both("keys", "revoke", key)[1]
    assert (done.code, done.out) == (0, f"key {key} (phones) is revoked.\n")
    assert twins.server.client.get("/api/teams", headers=headers).status_code == 401


# Scoring


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Recordings of three seconds each, cut from a demo call."""
    from transcription.audio import decode

    folder = tmp_path_factory.mktemp("talks")
    left, right = decode(DEMO_CALLS / "car-repair.ogg", max_duration_s=600).channels
    length = 3 * RATE
    return [
        write_wav(folder / f"talk-{n}.wav", [each[n * length : (n + 1) * length] for each in (left, right)])
        for n in range(6)
    ]


def alike(text: str) -> list[str]:
    """The lines of what was printed, in any order, without ids of calls, which are drawn anew."""
    return sorted(re.sub(r"\b[0-9a-f]{12}\b", "ID", line) for line in text.splitlines())


def batch(folder: Path, talks: list[Path]) -> list[str]:
    """A folder with a recording, a conversation and files that are neither, and a CSV that says whose they are."""
    folder.mkdir()
    shutil.copy(talks[0], folder / "talk.wav")
    shutil.copy(CONVERSATIONS / "north-03.json", folder / "chat.json")
    (folder / "letter.wav").write_text("Dear Sir")
    (folder / "empty.wav").touch()
    (folder / "broken.json").write_text("{")
    (folder / "calls.csv").write_text(
        "recording,team,agent,contact_id,started_at\ntalk.wav,Batch,Ada,t-1,2026-03-01T10:00\nchat.json,Batch,Bo,t-2,\n"
        "letter.wav,Batch,,,\nempty.wav,Batch,,,\nbroken.json,Batch,,,\nmissing.wav,Batch,,,\nchat.json,Batch,,,\n"
    )
    return ["score", "--metadata", str(folder / "calls.csv")]


def test_a_batch_is_scored_through_the_server(both: Both, twins: Twins, talks: list[Path], tmp_path: Path) -> None:
    """The same bytes and exit code, with each file that failed; once more, and all is found without transcribing."""
    command = batch(tmp_path / "batch", talks)
    alone, served = both(*command, "--json")
    assert (alone.code, served.code) == (1, 1)
    assert alike(alone.err) == alike(served.err)
    assert alike(alone.out) == alike(served.out)
    assert sum('"error":null' in line for line in alone.out.splitlines()) == 2
    heard = twins.server.transcriptions()
    alone, served = both(*command)
    assert alike(alone.err) == alike(served.err)
    assert alike(alone.out)[:-1] == alike(served.out)[:-1]
    assert "2 found, none new, 5 failed" in served.out
    assert twins.server.transcriptions() == heard


def test_what_is_said_otherwise_is_corrected_and_noted(both: Both) -> None:
    """As without a server: a note of what changed, and of who else has the recording."""
    recording = DATA / "two-people-5s.wav"
    spoken = ["--team", "Spoken"]
    for more, notes in (
        ([*spoken, "--agent", "Ada"], 0),
        ([*spoken, "--agent", "Bo"], 1),
        ([*spoken, "--queue", "q", "--agent-channel", "right"], 0),
        (["--team", "Second"], 1),
    ):
        alone, served = both("score", recording, *more)
        assert alike(alone.out) == alike(served.out)
        assert served.out.count("note: ") == notes
    query = "SELECT team, agent, queue, agent_channel FROM calls WHERE team IN ('Spoken', 'Second') ORDER BY team"
    assert same_in_sql(both, query) == [
        {"team": "Second", "agent": None, "queue": None, "agent_channel": None},
        {"team": "Spoken", "agent": "Bo", "queue": "q", "agent_channel": "right"},
    ]


@pytest.mark.parametrize(
    ("more", "setting", "words"),
    [
        (["--model", "base"], {}, "scores with the speech model tiny.en: leave out --model base"),
        (["--again"], {}, "leave out --again"),
        (["--rubric", "ours.toml"], {}, "by the rubric empathy@"),
        ([], {"QA_MODEL": "base"}, "leave out the setting model (base)"),
        ([], {"QA_AGENT_CHANNEL": "right"}, "leave out the setting agent_channel (right)"),
    ],
)
def test_what_the_server_does_not_do_is_refused(
    ask: Run, twins: Twins, monkeypatch: pytest.MonkeyPatch, more: list[str], setting: dict[str, str], words: str
) -> None:
    """One line, exit code 2, and nothing is sent; what the server does anyway may be asked for."""
    Path("ours.toml").write_text(RUBRIC.read_text().replace('id = "empathy"', 'id = "ours"'))
    call = CONVERSATIONS / "north-05.json"
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    done = ask("score", call, "--team", "Refused", *more, "--store", twins.held)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert words in done.err
    assert twins.server.client.get("/api/calls", params={"team": "Refused"}).json()["calls"] == []
    done = ask("score", call, "--team", "Same", "--model", "tiny.en", "--rubric", RUBRIC, "--store", twins.held)
    assert done.code == (2 if "QA_AGENT_CHANNEL" in setting else 0), done.err


def test_ctrl_c_leaves_what_was_sent_to_the_server(program: Program, twins: Twins, talks: list[Path]) -> None:
    """Exit code 130; it is said that they are scored all the same, and they are."""
    command = ["score", *talks[3:5], "--team", "Stopped", "--store", twins.held]
    environment = os.environ | {"QA_API_KEY": twins.keys["administer"]}

    def calls() -> Any:
        return twins.server.client.get("/api/calls", params={"team": "Stopped"}).json()["calls"]

    with program(*command, env=environment) as process:
        until(lambda: len(calls()) == 2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.search(r"qa: (1 recording was|2 recordings were) sent and will be scored all the same", err)
    assert err.splitlines()[-1] == "qa: stopped; what was finished is kept"
    until(lambda: {call["state"] for call in calls()} == {"done"})


def test_a_key_bound_to_a_team_sends_for_it_alone(
    ask: Run, twins: Twins, talks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another team's file fails alone; where no team is said it is the key's own."""
    monkeypatch.setenv("QA_API_KEY", twins.keys["north"])
    Path("calls.csv").write_text(
        f"recording,team,agent\n{talks[5]},South,\n{CONVERSATIONS / 'south-03.json'},South,\n"
        f"{CONVERSATIONS / 'north-04.json'},North,\n"
    )
    done = ask("score", "--metadata", "calls.csv", "--json", "--store", twins.held)
    assert done.code == 1
    errors = [line["error"] for line in done.json_lines]
    assert sorted(bool(error) and "this key is bound to North" in error for error in errors) == [False, True, True]
    done = ask("score", CONVERSATIONS / "north-06.json", "--json", "--store", twins.held)
    assert done.code == 0
    found = twins.server.client.get(f"/api/calls/{done.json['call_id']}").json()
    assert found["team"] == "North"


def test_a_recording_that_is_still_being_written_fails_alone(talks: list[Path]) -> None:
    """What changes between hashing and sending is never sent whole, longer or shorter."""
    from qa.remote.scoring import _blocks
    from qa.store.files import sha256_of

    sha256, size_bytes = sha256_of(talks[0]), talks[0].stat().st_size
    whole = talks[0].read_bytes()
    assert b"".join(_blocks(talks[0], sha256, size_bytes)) == whole
    for changed in (whole + b"x", whole[:-1], whole[:-1] + b"x"):
        Path("call.wav").write_bytes(changed)
        with pytest.raises(BadRecording, match="changed while it was being sent"):
            list(_blocks(Path("call.wav"), sha256, size_bytes))


# Which store, and what may go wrong on the way


def test_a_server_by_its_address_needs_no_store(ask: Run, twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    """From another machine: QA_SERVER alone. A store that is named goes before it, and nothing is made here."""
    monkeypatch.setenv("QA_SERVER", str(twins.server.client.base_url))
    assert ask("calls", "--json") == ask("calls", "--json", "--store", twins.held)
    done = ask("verify")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "needs the store itself, and QA_SERVER names" in done.err
    assert "there is no store here.duckdb" in ask("calls", "--store", "here.duckdb").err
    assert list(Path().iterdir()) == []


def test_what_only_the_owner_can_do_says_who_holds_the_store(ask: Run, twins: Twins) -> None:
    """In one line, with exit code 3."""
    for command in ("verify", "rescore"):
        done = ask(command, "--store", twins.held)
        assert (done.code, done.out, len(done.err.splitlines())) == (3, "", 1)
        assert f"is held by another process (pid {twins.server.process.pid}" in done.err


def test_an_address_that_a_crash_left_behind_leads_nobody_astray(run: Run, tmp_path: Path) -> None:
    """A store that nobody holds is opened; of one that another process holds the old address is not believed."""
    store = tmp_path / "qa.duckdb"
    Store.open(store).close()
    beside = store.with_name("qa.duckdb.server")
    with announced(store, "http://127.0.0.1:9"):
        left = beside.read_bytes()
    assert not beside.exists()
    beside.write_bytes(left)
    assert run("calls", "--store", store).out == "No calls yet: qa score CALL.\n"
    holding = (
        "import sys; from qa import Store; s = Store.open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        for text in (left, b"{", b"[]"):
            beside.write_bytes(text)
            done = run("calls", "--store", store)
            assert (done.code, len(done.err.splitlines())) == (3, 1)
            assert f"is held by another process (pid {process.pid}" in done.err
        process.stdin.close()


@pytest.mark.parametrize(
    ("key", "command", "code", "words"),
    [
        (None, "calls", 3, "asks for an API key: set QA_API_KEY"),
        ("qa_00000000_wrong", "calls", 3, "does not know this API key, or it was revoked: set QA_API_KEY"),
        ("read", "sql", 3, "this key has not the role analyse"),
        ("north", "snapshot", 3, "this key is bound to North"),
        ("se\ncret", "calls", 2, "QA_API_KEY has characters that no key has"),
        ("gehéim", "calls", 2, "QA_API_KEY has characters that no key has"),
    ],
)
def test_a_key_that_does_not_open_is_one_line(
    run: Run, twins: Twins, monkeypatch: pytest.MonkeyPatch, key: str | None, command: str, code: int, words: str
) -> None:
    """What to do, and never the key."""
    given = twins.keys.get(key or "", key)
    if given:
        monkeypatch.setenv("QA_API_KEY", given)
    more = {"sql": ["SELECT 1"], "snapshot": ["mine.duckdb"]}.get(command, [])
    done = run(command, *more, "--store", twins.held)
    assert (done.code, done.out, len(done.err.splitlines())) == (code, "", 1)
    assert words in done.err
    assert given is None or given not in done.err


Answers = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def stand_in(answers: Answers, *, tls: bool = False) -> Iterator[str]:
    """The address of something that answers in the place of a server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            answers(self)

        do_POST = do_GET  # noqa: N815 - the library's name

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(DATA / "localhost.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *_: None  # type: ignore[method-assign]  # the client turns away, as it should
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def saying(status: int, body: bytes = b"", **headers: str) -> Answers:
    def answers(to: http.server.BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return answers


OURS = {"X_Empathy_QA": version()}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (saying(200, b"<html>hello"), "answers 200 OK, and not as a server of empathy-qa does"),
        (saying(502, b"<html>bad gateway"), "answers 502 Bad Gateway, and not as a server of empathy-qa does"),
        (
            saying(301, Location="https://there.example/"),
            "sends on to https://there.example/: name that server in QA_SERVER",
        ),
        (saying(200, b'{"other": 1}', X_Empathy_QA="9.9"), f"is of version 9.9, and this program of {version()}"),
        (saying(404, b'{"detail": "Not Found"}', X_Empathy_QA="9.9"), "is of version 9.9"),
        (saying(503, b'{"detail": "the store: disk full"}', **OURS), ": the store: disk full"),
    ],
    ids=["no server", "proxy", "redirect", "version", "path", "store"],
)
def test_what_answers_in_the_place_of_a_server_is_named(
    ask: Run, monkeypatch: pytest.MonkeyPatch, answers: Answers, words: str
) -> None:
    """One line, exit code 3."""
    with stand_in(answers) as url:
        monkeypatch.setenv("QA_SERVER", url)
        done = ask("calls")
    assert (done.code, done.out, len(done.err.splitlines())) == (3, "", 1)
    assert done.err.startswith(f"qa: {url}")
    assert words in done.err


def test_a_server_that_cannot_be_reached_is_one_line(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody there, no such name, a certificate that nobody vouches for, and no TLS where it should be."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    with stand_in(saying(200), tls=True) as secure, stand_in(saying(200)) as plain:
        for url, words in (
            (f"http://127.0.0.1:{free}", "cannot be reached (.*refused.*): is the server running"),
            ("http://no-such-host.invalid", "cannot be reached .*: is the server running, and its address right"),
            (secure, "has a certificate that is not trusted .*SSL_CERT_FILE"),
            (plain.replace("http:", "https:"), "does not speak TLS as it should .*is it https there"),
        ):
            monkeypatch.setenv("QA_SERVER", url)
            done = ask("calls")
            assert (done.code, done.out, len(done.err.splitlines())) == (3, "", 1)
            assert re.search(words, done.err), done.err


@pytest.mark.parametrize("url", ["qa.example.org", "ftp://qa.example.org", "https://", "http://a:b@qa.example.org"])
def test_an_address_that_is_none_is_said(run: Run, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Exit code 2; a password in it is not shown."""
    monkeypatch.setenv("QA_SERVER", url)
    done = run("calls")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "setting server" in done.err
    assert "a:b" not in done.err


def test_an_upload_that_is_put_off_waits_as_long_as_it_is_told(
    ask: Run, twins: Twins, talks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 and 507: a line on stderr each, the time of Retry-After, and then it is sent whole."""
    left = [429, 507]

    def answers(to: http.server.BaseHTTPRequestHandler) -> None:
        body = to.rfile.read(int(to.headers.get("Content-Length", 0)))
        if to.command == "POST" and left:
            status = left.pop(0)
            return saying(status, b'{"detail": "too much waits"}', Retry_After="1", **OURS)(to)
        headers = {
            name: to.headers[name]
            for name in ("Authorization", "X-Call-Metadata", "Content-Type")
            if name in to.headers
        }
        passed = twins.server.client.request(to.command, to.path, content=body, headers=headers)
        return saying(passed.status_code, passed.content, X_Empathy_QA=passed.headers["X-Empathy-QA"])(to)

    with stand_in(answers) as url:
        monkeypatch.setenv("QA_SERVER", url)
        done = ask("score", talks[4], "--team", "Later", "--json")
    assert (done.code, done.json["error"]) == (0, None)
    assert done.err.splitlines() == [f"qa: {url}: too much waits; waiting 1 s"] * 2


def test_sql_says_what_an_answer_leaves_out(ask: Run, twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than the server gives, and how old the answer is: on stderr, so that stdout stays data."""
    done = ask("sql", "FROM range(10001)", "--csv", "--store", twins.held)
    assert (done.code, len(done.out.splitlines())) == (0, 10_001)
    assert done.err == "qa: there are more rows than these 10000, the most that the server gives\n"
    old = {"columns": [], "rows": [], "truncated": False, "data_as_of": "2026-03-01T10:00:00Z"}
    with stand_in(saying(200, json.dumps(old).encode(), **OURS)) as url:
        monkeypatch.setenv("QA_SERVER", url)
        done = ask("sql", "SELECT 1", "--json")
    assert re.fullmatch(r"qa: as things stood at 2026-03-01 10:00:00 UTC, \d+ s ago\n", done.err)


def test_calls_are_erased_through_the_server(both: Both, ask: Run, twins: Twins) -> None:
    """It waits for the receipt: no byte is left when it ends."""
    alone, served = both("erase", "south-02", "--json")
    assert (alone.code, served.code) == (0, 0)
    receipts = alone.json, served.json
    assert receipts[0]["beyond_reach"] == receipts[1]["beyond_reach"]
    assert receipts[1]["done_at"] > receipts[1]["requested_at"]
    assert ask("show", "south-02", "--store", twins.held).code == 2
