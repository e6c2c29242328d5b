"""`evenbar …`: thin commands over the same verbs and reads the pages use.

Exit codes: 0 done, 1 the check found something, 2 bad input or usage. Errors go to stderr, JSON alone to stdout."""

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from portal.adapters.database import DatabaseRefused
from portal.adapters.storage import BlobDamaged, StorageRefused
from portal.cli import assigning, copying, directory, keeping, ladder_files, measuring, place, running
from portal.domain.problems import InvalidInput, Problem
from portal.settings import SettingsProblem

BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="evenbar", description="Promotion cases on dual-track career ladders.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in (running, directory, assigning, ladder_files, measuring, keeping, copying):
        group.add_to(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except InvalidInput as e:
        return _complain(e.message, *e.problems)
    except (Problem, SettingsProblem, DatabaseRefused, StorageRefused, BlobDamaged, OSError) as e:
        return _complain(str(e))
    except OperationalError as e:
        return _complain(f"the database does not answer: {e.orig}")
    except KeyboardInterrupt:
        return 130
    finally:
        place.close()


def _complain(*lines: str) -> int:
    for line in lines:
        print(f"evenbar: {line}", file=sys.stderr)
    return BAD_INPUT
