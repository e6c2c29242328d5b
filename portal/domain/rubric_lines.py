"""Where in a rubric file something stands: the line of a table or a key, for messages that name the place.

`tomllib` keeps no positions, so the text is scanned once for table headers and keys. What the scan cannot tell (a table
written inline, say) has no line; a wrong line would be worse than none.
"""

import re
from dataclasses import dataclass, field

_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\"-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w.\"-]+)\s*=")
_FENCES = ('"""', "'''")


@dataclass
class _Block:
    line: int | None
    keys: dict[str, int] = field(default_factory=dict)


class Lines:
    """The places of one file's tables and keys; lines count from 1."""

    def __init__(self, text: str) -> None:
        self._blocks: dict[str, list[_Block]] = {"": [_Block(None)]}
        self._at = ("", "")
        fence = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if not fence:
                self._note(number, line)
            fence = _fence_after(fence, line)

    def _note(self, number: int, line: str) -> None:
        if header := _HEADER.match(line):
            self._open(number, header[1].replace('"', ""))
        elif key := _KEY.match(line):
            table, inside = self._at
            self._blocks[table][-1].keys.setdefault(inside + key[1].replace('"', ""), number)

    def _open(self, number: int, name: str) -> None:
        table, _, inside = name.partition(".")
        if inside and table in self._blocks:
            self._blocks[table][-1].keys.setdefault(inside, number)
            self._at = (table, f"{inside}.")
            return
        self._blocks.setdefault(table, []).append(_Block(number))
        self._at = (table, "")

    def find(self, table: str | None, index: int = 0, keys: tuple[str, ...] = ()) -> int | None:
        """The line of a key of the index-th such table, else of the longest part of it, else of the header."""
        blocks = self._blocks.get(table or "", [])
        if index >= len(blocks):
            return self._blocks[""][0].keys.get(table or "")
        for length in range(len(keys), 0, -1):
            line = blocks[index].keys.get(".".join(keys[:length]))
            if line is not None:
                return line
        return blocks[index].line


def _fence_after(fence: str, line: str) -> str:
    """Which multi-line string is open after this line, given the one open before it."""
    rest = line
    while True:
        if fence:
            _, found, rest = rest.partition(fence)
            if not found:
                return fence
            fence = ""
        starts = [(rest.index(mark), mark) for mark in _FENCES if mark in rest]
        if not starts:
            return ""
        position, fence = min(starts)
        rest = rest[position + 3 :]
