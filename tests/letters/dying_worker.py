"""A worker that is killed at one point of its work, as by the kernel or a power cut: no handler runs, nothing is tidied
up. `python -m tests.letters.dying_worker POINT NTH`; the settings come from the environment."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from portal.adapters.outbox import Outbox
from portal.adapters.storage import Storage
from portal.app import create_app, outbox_of
from portal.letters import commands, jobs

POINTS = {
    "rows are claimed": (Outbox, "claim", True),
    "a letter is frozen": (commands, "prepare", True),
    "a letter is about to be set": (jobs, "page_of", False),
    "a pdf is in the store": (Storage, "put", True),
    "the pdf is noted and not committed": (commands, "keep", True),
    "the row is about to be settled": (Outbox, "_settle", False),
}


def die_at(point: str, nth: int) -> None:
    """From the nth passage on there is no process."""
    owner, name, afterwards = POINTS[point]
    original: Callable[..., Any] = getattr(owner, name)
    passed = 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed == nth and not afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = original(*args, **kwargs)
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, deadly)


if __name__ == "__main__":
    die_at(sys.argv[1], int(sys.argv[2]))
    outbox_of(create_app()).run_due()
