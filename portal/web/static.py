"""Addresses of static files that change with their content, so that a browser may keep them for a year."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

MAX_AGE = 365 * 24 * 3600


def finder(root: Path) -> Callable[[str], str]:
    """A function from a path below `root` to its URL. A file that does not exist is an error, not a broken link."""

    @lru_cache(maxsize=256)
    def static(path: str) -> str:
        content = (root / path).read_bytes()
        return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"

    return static
