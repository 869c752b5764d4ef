"""`python -m builder.sandbox`: the sandbox for programs, which end it by closing its standard input."""

import argparse
import logging
import sys
from pathlib import Path

from builder.errors import SolsmithError
from builder.sandbox.assembly import REFERENCE_APP_ID, REFERENCE_APP_NAME, Settings
from builder.sandbox.server import Ready, serve
from builder.sandbox.switches import Switches


def main() -> int:
    """Serve until told to end; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m builder.sandbox", description="A local Dataverse and Entra.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--app-id", default=REFERENCE_APP_ID)
    parser.add_argument("--app-name", default=REFERENCE_APP_NAME)
    parser.add_argument("--token-seconds", type=int, default=3600)
    parser.add_argument("--import-seconds", type=float, default=0.9)
    parser.add_argument("--stage-seconds", type=float, default=3600)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--scenario", type=Path)
    parser.add_argument("--until-stdin-closes", action="store_true")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--fault", action="append", default=[], metavar="'METHOD PATH WHICH KIND'")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clock-skew", type=float, default=0.0, metavar="SECONDS")
    arguments = vars(parser.parse_args())
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        switches = Switches.parse(arguments.pop("switch"))
        faults = tuple(arguments.pop("fault"))
        serve(Settings(**arguments, switches=switches, faults=faults), _say_ready)
    except (SolsmithError, ValueError) as error:
        faults = getattr(error, "faults", ())
        sys.stderr.write("\n".join([f"error: {error}", *map(str, faults), ""]))
        return 2
    return 0


def _say_ready(ready: Ready) -> None:
    sys.stdout.write(ready.as_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
