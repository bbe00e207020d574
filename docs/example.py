"""Writes a real run of the demo into README.md, between its marks. Run by `make docs`, it takes a minute."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MARKS = "<!-- demo: begin -->", "<!-- demo: end -->"
TALK_LINES = 9
"""How many lines of the talk are shown, around the first interruption."""


def excerpt(printed: str) -> str:
    """What `qa demo` printed, without most of the one call's talk and without what comes next."""
    kept = printed.partition("\nNext ─")[0]
    head, title, rest = kept.partition("\nOne of them whole")
    about, first, talk = re.split(r"^( {1,2}\d+:\d\d )", rest, maxsplit=1, flags=re.MULTILINE)
    talk, card = re.split(r"^(?=\d+ % {3}|no percent {3})", first + talk, maxsplit=1, flags=re.MULTILINE)
    lines = talk.splitlines()
    start = max(0, next(index for index, line in enumerate(lines) if "▼" in line) - 4)
    turns = [index for index, line in enumerate(lines) if re.match(r" +\d+:\d\d ", line)]
    start = max(index for index in turns if index <= start)
    end = min(index for index in turns if index >= start + TALK_LINES)
    shown = ["  …", *lines[start:end], "  …"]
    return re.sub(r"\n{3,}", "\n\n", head + title + about + "\n".join(shown) + "\n\n" + card).strip()


def main() -> None:
    """Run the demo in an empty folder and put what it prints into the README."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from qa.cli import main; main()", "demo"]
        printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text(encoding="utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    text = f"{before}{begin}\n```text\n{excerpt(printed)}\n```\n{end}{after}"
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
