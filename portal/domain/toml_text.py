"""Writes TOML: text, numbers, true/false, days, lists and tables, as `tomllib` reads them back.

The standard library reads TOML and does not write it. This knows the little a rubric file needs, and escapes everything
a text may hold, so that the same values come back whatever a source said.
"""

import itertools
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

WIDTH = 120
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LINE_ENDS = "\u0085\u2028\u2029"  # where an editor may count a line that TOML does not


def document(values: Mapping[str, Any], comment: Iterable[str] = ()) -> str:
    """A TOML document: `comment` as paragraphs on top, then keys, then `[table]` and `[[table]]` in the order given.

    Values are str, bool, int, float, date, lists and mappings of these; raises TypeError for any other, None included.
    """
    plain = [_assignment(key, value) for key, value in values.items() if not _tables(value)]
    blocks = [_comment(comment), *(["\n".join(plain)] if plain else [])]
    for key, value in values.items():
        head = f"[[{_key(key)}]]" if isinstance(value, list) else f"[{_key(key)}]"
        blocks += ["\n".join([head, *itertools.starmap(_assignment, table.items())]) for table in _tables(value)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _tables(value: Any) -> Sequence[Mapping[str, Any]]:
    """The value as tables with a header of their own; nothing where it is written after an equals sign."""
    if isinstance(value, Mapping):
        return [value]
    whole = isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)
    return value if whole else ()


def _comment(paragraphs: Iterable[str]) -> str:
    lines: list[str] = []
    for paragraph in paragraphs:
        printable = "".join(letter if letter.isprintable() else " " for letter in paragraph)
        lines += textwrap.wrap(printable, WIDTH, initial_indent="# ", subsequent_indent="# ")
    return "\n".join(lines)


def _assignment(key: str, value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        return f"{_key(key)} = {_several_lines(value)}"
    line = f"{_key(key)} = {_inline(value)}"
    if isinstance(value, list) and len(line) > WIDTH:
        return "\n".join([f"{_key(key)} = [", *(f"  {_inline(entry)}," for entry in value), "]"])
    return line


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _one_line(key)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_inline(held)}" for key, held in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    raise TypeError(f"TOML has no way to write {value!r}")


def _one_line(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _several_lines(text: str) -> str:
    """A text of several lines, each on its own; quotes are escaped only where three would close it."""
    inside = "".join(letter if letter in '\n"' else _escaped(letter) for letter in text)
    inside = inside.replace('"""', '""\\"')
    if inside.endswith('"'):
        inside = f'{inside[:-1]}\\"'
    return f'"""\n{inside}"""'


def _escaped(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    if ord(letter) < 0x20 or letter == "\x7f" or letter in _LINE_ENDS:
        return f"\\u{ord(letter):04X}"
    return letter
