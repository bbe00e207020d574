"""The process that serves a snapshot by DuckDB's quack protocol, and what it may do: run as a script, never imported.

Its request comes on stdin as one line of JSON; on stdout it answers `{"url"}` once it listens, or `{"error"}`. It ends
when its stdin does, so that it outlives nobody.

Whoever has the token asks what SQL they like, and no list of statements stands before them. What holds is that the
snapshot has nothing that may not be read (its own file can be, byte by byte), that DuckDB has opened it for reading
only, with no access to other files, no further extensions and a configuration that is locked, and that this process has
no environment but its home, works in an empty folder, and is bounded in memory and in what it can write.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from typing import Any

import duckdb

LISTENS_WITHIN_S = 30


def main() -> None:
    """Serve as the request on stdin says, until stdin ends."""
    request = json.loads(sys.stdin.buffer.readline())
    for what, most in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_FSIZE, request["scratch_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LISTENS_WITHIN_S)  # ends the process
    try:
        con, url = serve(request)
    except duckdb.Error as error:
        _say({"error": " ".join(str(error).split())})
        return
    signal.alarm(0)
    _say({"url": url})
    sys.stdin.buffer.read()
    del con
    os._exit(0)  # whatever a client still asks


def serve(request: dict[str, Any]) -> tuple[duckdb.DuckDBPyConnection, str]:
    """Open the snapshot and listen; gives the connection and the address. Raises duckdb.Error."""
    con = duckdb.connect(
        request["path"],
        read_only=True,
        config={
            "threads": request["threads"],
            "memory_limit": f"{request['memory_bytes'] // 2}B",
            "temp_directory": "scratch",
            "max_temp_directory_size": f"{request['scratch_bytes']}B",
            "max_execution_time": str(int(request["time_s"] * 1000)),
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
        },
    )
    for statement in (
        "LOAD icu",
        "LOAD json",
        f"LOAD {request['extension']}",
        "SET TimeZone = 'UTC'",
        "SET enable_external_access = false",
    ):
        con.execute(statement)
    answer = con.execute(request["serve"], request["params"]).fetchall()
    con.execute("SET lock_configuration = true")
    return con, str(answer[0][1])


def _say(answer: dict[str, str]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
