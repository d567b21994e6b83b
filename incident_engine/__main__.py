"""The program: runs one command and turns what it raises into a sentence and an exit status."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from incident_engine.domain.errors import BadFile, IncidentEngineError, own_fault

if TYPE_CHECKING:
    from typer.exceptions import TyperException

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. 0 done, 1 refused by a rule, 2 bad input, 3 an outside part failed."""
    from typer.exceptions import Abort, TyperException

    from incident_engine.cli.main import program
    from incident_engine.demo.command import demo

    _print_everything()
    program.command()(demo)
    try:
        status = program(prog_name="incident-engine", standalone_mode=False)
        if status == _INTERRUPTED:
            _stopped()
        sys.exit(status or 0)
    except IncidentEngineError as error:
        if isinstance(error, BadFile) and "--json" in sys.argv:
            sys.stdout.write(f"{json.dumps(error.as_json(), ensure_ascii=False, indent=1)}\n")
        _end(str(error), error.exit_status)
    except TyperException as error:
        _misused(error)
    except (KeyboardInterrupt, Abort):
        _stopped()
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not our fault, and nothing to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        _end(own_fault(error), 1)


def _print_everything() -> None:
    """A terminal that cannot show a character shows its code: no answer is lost for a letter."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _misused(error: TyperException) -> NoReturn:
    message = error.format_message()
    if message.startswith("Usage:"):  # a noun without its verb: its help is the answer
        sys.stderr.write(f"{message}\n")
        sys.exit(error.exit_code)
    sentence = " ".join(message.split())
    sentence = sentence if sentence.endswith((".", "?")) else f"{sentence}."
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "incident-engine"
    _end(f"{sentence} `{command} --help` shows how it is typed.", error.exit_code)


def _stopped() -> NoReturn:
    _end("stopped by you; what was committed stays.", 1)


def _end(sentence: str, status: int) -> NoReturn:
    sys.stderr.write(f"incident-engine: {sentence}\n")
    sys.exit(status)


if __name__ == "__main__":
    main()
