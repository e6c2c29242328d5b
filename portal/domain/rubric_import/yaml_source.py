"""Reads YAML with the line of everything, and gathers what is not of the shape that was asked for.

The document is composed into nodes and never constructed into objects: no tag of a source can make anything but text,
numbers and true/false. Needs the optional extra `yaml` (ruamel.yaml); everything else of the portal does without.
"""

import re
from collections.abc import Collection
from typing import Any

from portal.domain.problems import InvalidInput
from portal.domain.rubric_import.source_problems import Problems, unstorable
from portal.domain.rubric_problems import did_you_mean

_COUNT = re.compile(r"[1-9][0-9]?")
_TAG = "tag:yaml.org,2002:"
_PLAIN = {"str", "int", "float", "bool", "timestamp"}
_SHOWN = {"map": "a table", "seq": "a list", "null": "nothing"}


class Table:
    """A mapping of a YAML file. Asking it for a key of the wrong shape notes a problem and answers with emptiness."""

    def __init__(self, node: Any, file: str, problems: Problems, before: int) -> None:
        self._nodes: dict[str, Any] = {}
        self._file, self._problems, self._before = file, problems, before
        self.line = self._line(node)
        for key, value in node.value:
            name = str(key.value)
            if name in self._nodes:
                self._problems.tell(file, f'"{name}" stands twice in one table; keep one', line=self._line(key))
            self._nodes[name] = value

    def _line(self, node: Any) -> int:
        return int(node.start_mark.line) + 1 + self._before

    def tell(self, key: str, message: str) -> None:
        """Notes a problem at a key, or at the table where it has no such key."""
        line = self._line(self._nodes[key]) if key in self._nodes else self.line
        self._problems.tell(self._file, message, line=line)

    def only(self, known: Collection[str], where: str) -> None:
        """Remarks on keys that nothing is read from, so that nothing is dropped in silence."""
        for name in self._nodes:
            if name not in known:
                near = did_you_mean(name, known)
                self._problems.remark(f'{self._file}: nothing is read from "{name}" of {where}{near}')

    def has(self, key: str) -> bool:
        """Whether a key is there and not null."""
        return key in self._nodes and _kind(self._nodes[key]) != "null"

    def text(self, key: str, *, needed: bool = True) -> str:
        """A text, stripped; "" with a problem where it is missing although needed, or no text."""
        if not self.has(key):
            if needed:
                self.tell(key, f'"{key}" is missing; write its text')
            return ""
        found = self._text(self._nodes[key], key)
        if needed and not found and _kind(self._nodes[key]) in _PLAIN:
            self.tell(key, f'"{key}" is empty; write its text')
        return found

    def texts(self, key: str) -> list[str]:
        """A list of texts, without the empty ones; nothing where there is no such key."""
        found = [self._text(node, key) for node in self._entries(key)]
        return [text for text in found if text]

    def tables(self, key: str, *, needed: bool = False) -> list["Table"]:
        """A list of tables; nothing where there is no such key, with a problem if it is needed."""
        if needed and not self.has(key):
            self.tell(key, f'"{key}" is missing or empty; it is a list of tables')
        tables = []
        for node in self._entries(key):
            if _kind(node) == "map":
                tables.append(Table(node, self._file, self._problems, self._before))
            else:
                self._expected(node, f'a table in the list "{key}"')
        return tables

    def number(self, key: str) -> int | None:
        """A whole number from 1 to 99; None where there is no such key, with a problem where it is anything else."""
        if not self.has(key):
            return None
        node = self._nodes[key]
        if _kind(node) == "int" and _COUNT.fullmatch(str(node.value)):
            return int(node.value)
        self._expected(node, f'a whole number from 1 to 99 for "{key}"')
        return None

    def _entries(self, key: str) -> list[Any]:
        if not self.has(key):
            return []
        node = self._nodes[key]
        if _kind(node) == "seq":
            return list(node.value)
        self._expected(node, f'a list for "{key}"')
        return []

    def _text(self, node: Any, key: str) -> str:
        if _kind(node) not in _PLAIN:
            self._expected(node, f'text for "{key}"')
            return ""
        found = str(node.value).replace("\r\n", "\n").strip()
        if name := unstorable(found):
            self._problems.tell(self._file, f'"{key}" holds the character {name}; take it out', line=self._line(node))
        return found

    def _expected(self, node: Any, what: str) -> None:
        kind = _kind(node)
        quotes = '; a sentence with ": " in it needs quotes around it' if kind == "map" and "text" in what else ""
        shown = _SHOWN.get(kind) or f'"{node.value}"'
        self._problems.tell(self._file, f"expected {what}, got {shown}{quotes}", line=self._line(node))


def read_table(text: str, file: str, problems: Problems, *, before: int = 0) -> Table | None:
    """The table a YAML text holds, or None with a problem. `before`: lines of the file above the text.

    Raises `InvalidInput` when the extra `yaml` is not installed.
    """
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise InvalidInput("reading YAML needs the extra `yaml`: install evenbar[yaml], or ruamel.yaml") from None
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        line = int(mark.line) + 1 + before if mark else None
        message = getattr(broken, "problem", None) or str(broken).splitlines()[0]
        problems.tell(file, f"not valid YAML: {message}", line=line)
        return None
    except RecursionError:
        problems.tell(file, "not a ladder: lists or tables are nested too deeply to read")
        return None
    if node is None or _kind(node) != "map":
        problems.tell(file, "not a ladder: the top of the file is not a table of keys", line=before + 1)
        return None
    return Table(node, file, problems, before)


def _kind(node: Any) -> str:
    return str(node.tag).removeprefix(_TAG)
