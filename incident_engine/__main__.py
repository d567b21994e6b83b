"""The program: runs one command and turns what it raises into a sentence and an exit status."""

from __future__ import annotations

import os
import sys
import traceback

from incident_engine.domain.errors import IncidentEngineError


def main() -> None:
    """Run the command line. 0 done, 1 refused by a rule, 2 bad input, 3 an outside part failed."""
    from incident_engine.cli.main import program
    from incident_engine.demo.command import demo

    program.command()(demo)
    try:
        program(prog_name="incident-engine")
    except IncidentEngineError as error:
        sys.stderr.write(f"incident-engine: {error}\n")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.stderr.write("incident-engine: stopped by you; what was committed stays.\n")
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not our fault, and nothing to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        # The last resort. The message is withheld: it may repeat personal data.
        place = traceback.extract_tb(error.__traceback__)[-1]
        sys.stderr.write(
            f"incident-engine: a fault of our own: {type(error).__name__} in "
            f"{os.path.basename(place.filename)}, line {place.lineno}. Nothing half-done was "
            "kept. Please report it with this line and what you typed.\n"
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
