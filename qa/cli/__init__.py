"""The command line, `qa`: one command a module, and here what they share at the end: errors and exit codes.

    0  all well
    1  some of the files could not be scored, a scorecard did not come out the same, or qa doctor found something wrong
    2  wrong usage: an option, a file of ours (rubric, metadata) or a query is not as it should be
    3  the store, the server that holds it or the speech model cannot be used
    130  stopped with Ctrl-C

Nothing heavy is imported before a command needs it, so that `qa --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from qa.cli.backup import backup
from qa.cli.calls import calls
from qa.cli.common import FAILED, STOPPED, UNUSABLE, USAGE
from qa.cli.compare import compare
from qa.cli.demo import demo
from qa.cli.doctor import doctor
from qa.cli.erase import erase
from qa.cli.imports import imports
from qa.cli.keys import keys
from qa.cli.models import models
from qa.cli.retention import retention
from qa.cli.rubric import rubric
from qa.cli.score import score
from qa.cli.serve import serve
from qa.cli.show import show
from qa.cli.snapshot import snapshot
from qa.cli.sql import sql
from qa.cli.verify import rescore, verify


class _InOrder(click.Group):
    """A group that lists its commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Exit codes:
  0    all well
  1    some files could not be scored, a scorecard came out differently,
       or qa doctor found something wrong
  2    wrong usage: an option, a rubric, a metadata file or a query
  3    the store, its server or the speech model cannot be used
  130  stopped with Ctrl-C

\b
While a server holds the store, commands ask it by themselves; QA_SERVER names
one elsewhere, QA_API_KEY is the key that it asks for.

`qa COMMAND --help` has examples of each.""",
)
@click.version_option(package_name="empathy-qa", prog_name="qa")
def cli() -> None:
    """Score recorded customer-service calls against an empathy rubric, with the words and seconds that prove it.

    \b
    Start here:
      qa demo                          what it does, in a minute
      qa score call.wav --team North   score a two-channel recording
      qa calls                         which calls there are, the worst first
      qa show CALL                     its transcript and its scorecard
      qa compare                       the teams, side by side
    """


for command in (
    demo,
    score,
    calls,
    show,
    compare,
    imports,
    rubric,
    sql,
    snapshot,
    serve,
    keys,
    models,
    verify,
    rescore,
    erase,
    retention,
    backup,
    doctor,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `qa`; every expected failure is one line on stderr and an exit code, never a traceback."""
    try:
        # not click's own main, which takes a closed pipe for a failure
        with cli.make_context("qa", list(sys.argv[1:] if arguments is None else arguments)) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:  # --help, --version
        code = stop.exit_code
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("qa: stopped; what was finished is kept", err=True)
        sys.exit(STOPPED)
    except Exception as error:
        code = _code_of(error)
        if code is None:
            raise
        click.echo(f"qa: {' '.join(str(error).split())}", err=True)
    sys.exit(code if isinstance(code, int) else 0)


def _code_of(error: Exception) -> int | None:
    """The exit code of an expected failure; None for one that is a defect of ours."""
    from qa import errors
    from transcription.errors import BadRecording, BadTranscript, ModelProblem, Problem

    match error:
        case errors.CallNotFound() | errors.KeyNotFound() | errors.QueryProblem():
            return USAGE
        case errors.StoreProblem() | ModelProblem():
            return UNUSABLE
        case BadRecording() | BadTranscript():
            return FAILED
        case Problem():
            return USAGE
        case _:
            return None
