"""A sheet as plain text. Lines with # are for reading; a text runs from its `why:` to the next heading in brackets, and
what is written out begins every line of it with a bar, so that no text can be taken for a heading."""

import re
from collections.abc import Iterator

from portal.reviews.sheets.sheet import (
    FORMAT,
    KEYS,
    NOTHING,
    SUMMARY,
    TITLE,
    Filled,
    Key,
    Line,
    Matter,
    NotASheet,
    Sheet,
)

_HEADING = re.compile(r"\[([a-z0-9_-]{1,60})\]")
_FIELD = re.compile(r"([a-z]+):[ \t]?(.*)")
END = "_end"


def write_text(sheet: Sheet, matter: Matter = NOTHING) -> str:
    """The whole file; without matter only what is filled in."""
    out = [f"{TITLE} {FORMAT}", *_notes(*matter.hints), ""]
    out += [f"{name}: {getattr(sheet.key, name)}" for name in KEYS]
    out += ["", *_notes(*matter.about)]
    for line in sheet.lines:
        name, expected, anchors = matter.asked.get(line.competency, ("", "", ()))
        out += ["", f"[{line.competency}] {name}".rstrip(), *_notes(expected, *anchors)]
        out += _notes(*matter.claims.get(line.competency, ()))
        out += [f"score: {line.score}".rstrip(), f"cites: {' '.join(line.cites)}".rstrip(), "why:", *_barred(line.why)]
    out += ["", f"[{SUMMARY}] {matter.summary}".rstrip(), "why:", *_barred(sheet.summary), "", f"[{END}]"]
    for place, heading, text in matter.packet:
        out += ["", *_notes(f"{place}: {heading}" if heading else place), *_barred(text)]
    return "\n".join(out) + "\n"


def _notes(*texts: str) -> list[str]:
    return [f"# {line}" for text in texts if text for line in text.split("\n")]


def _barred(text: str) -> list[str]:
    return [f"| {line}".rstrip(" ") if not line else f"| {line}" for line in text.split("\n")] if text else ["|"]


def read_text(content: str) -> Filled:
    """The sheet in a text file. Raises NotASheet with the line at fault and the remedy."""
    lines = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    _refuse_another_format(lines[0].strip())
    places: dict[tuple[str, str], str] = {}
    key: dict[str, str] = {}
    found: list[Line] = []
    summary = ""
    for name, at, block in _blocks(lines):
        if name == "":
            key = _key(block, places)
        elif name == SUMMARY:
            summary = _read_block(name, at, block, places).why
        elif any(line.competency == name for line in found):
            raise NotASheet(f"line {at}", f"[{name}] is there twice; keep one of the two.")
        else:
            found.append(_read_block(name, at, block, places))
    return Filled(Sheet(Key(**key), tuple(found), summary), places)


def _refuse_another_format(first: str) -> None:
    if not first.startswith(TITLE):
        raise NotASheet("line 1", f"the file does not begin with “{TITLE}”; download a sheet from My reviews.")
    if first != f"{TITLE} {FORMAT}":
        raise NotASheet("line 1", f"this sheet has another format than {FORMAT}; download it anew.")


Numbered = list[tuple[int, str]]


def _blocks(lines: list[str]) -> Iterator[tuple[str, int, Numbered]]:
    """The head under "", then each block under the code of its heading, up to [end]."""
    name, start, held = "", 1, Numbered()
    for number, line in enumerate(lines[1:], start=2):
        heading = _HEADING.match(line)
        if heading is None:
            held.append((number, line))
            continue
        yield name, start, held
        name, start, held = heading.group(1), number, []
        if name == END:
            return
    raise NotASheet(f"line {len(lines)}", f"the line [{END}] is missing: the file was cut off. Download it anew.")


def _key(block: Numbered, places: dict[tuple[str, str], str]) -> dict[str, str]:
    found = {}
    for number, line in block:
        match = _FIELD.match(line)
        if match and match.group(1) in KEYS:
            found[match.group(1)] = match.group(2).strip()
            places["", match.group(1)] = f"line {number}"
    if missing := [name for name in KEYS if name not in found]:
        raise NotASheet("line 1", f"the head does not say “{missing[0]}:”; download the sheet anew and keep its head.")
    return found


def _read_block(name: str, at: int, block: Numbered, places: dict[tuple[str, str], str]) -> Line:
    held = {"score": "", "cites": ""}
    for where, (number, line) in enumerate(block):
        match = None if line.startswith("#") else _FIELD.match(line)
        if match and match.group(1) == "why":
            places[name, "why"] = f"line {number}"
            rest = [match.group(2), *(text for _, text in block[where + 1 :])]
            cites = tuple(held["cites"].replace(",", " ").split())
            return Line(name, held["score"].strip(), _unbarred(rest), cites)
        if match and match.group(1) in held:
            held[match.group(1)] = match.group(2)
            places[name, match.group(1)] = f"line {number}"
        elif line.strip() and not line.startswith("#"):
            raise NotASheet(f"line {number}", "text belongs under “why:”; a score behind “score:”.")
    raise NotASheet(f"line {at}", f"[{name}] has no line “why:”; put it back.")


def _unbarred(lines: list[str]) -> str:
    kept = [line[2:] if line.startswith("| ") else line.removeprefix("|") for line in lines]
    return "\n".join(kept).replace("\x00", "").strip()
