"""Reads a job family of the Financial Times' engineering-progression: levels, themes, competencies with proficiency.

A theme is a pillar and, on each track, one competency; an entry of the source is what that competency expects at a
level. A level id that ends in `-ic` or `-pm` names its track, and two such ids with one stem are peers by the source's
own word. The order of the proficiency words is the source's; grades are not in it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from portal.domain.ladder_tables import TrackKind
from portal.domain.rubric_import.choices import Choices
from portal.domain.rubric_import.draft import ID, Cell, Draft, DraftCompetency, DraftFamily, DraftLevel, identifier
from portal.domain.rubric_import.source_problems import Problems, read_source
from portal.domain.rubric_import.yaml_source import Table, read_table
from portal.domain.rubric_problems import did_you_mean

PROFICIENCY = ("Awareness", "Foundational", "Working knowledge", "Practitioner", "Expert")
_SUFFIXES: dict[str, TrackKind] = {"-ic": "ic", "-pm": "manager"}
_KEYS = {
    "the file": {"name", "summary", "levels", "themes", "competencies", "googleSheetId", "isLegacy"},
    "a level": {"id", "name", "summary"},
    "a theme": {"id", "name", "summary"},
    "a competency": {"id", "level", "theme", "summary", "proficiency", "examples", "supportingUrls"},
}


def read_job_family(source: Path, choices: Choices, problems: Problems) -> Draft | None:
    """The draft of one job-family file, or None; what is wrong, and what was passed over, is in `problems`."""
    text = read_source(source, problems)
    top = None if text is None else read_table(text, str(source), problems)
    if top is None:
        return None
    top.only(_KEYS["the file"], "the file")
    name = choices.family_name or top.text("name")
    family_id = choices.family_id or identifier(name) or "family"
    levels = _levels(top, choices)
    themes = _by_id(top.tables("themes", needed=True), "a theme")
    cells = _cells(top, levels, themes, str(source), problems)
    competencies = tuple(
        DraftCompetency(
            theme_id, theme.text("name"), cells[theme_id], theme_id, _one_line(theme), choices.kinds.get(theme_id)
        )
        for theme_id, theme in themes.items()
        if cells[theme_id]
    )
    choices.check_names(problems, levels=levels, competencies=[entry.id for entry in competencies])
    peers = tuple(_peers(levels))
    family = DraftFamily(family_id, name, source.name, tuple(levels.values()), competencies, peers)
    pillars = {theme_id: theme.text("name") for theme_id, theme in themes.items()}
    return Draft(choices.org_id, pillars, (family,), PROFICIENCY)


def _one_line(theme: Table) -> str:
    return " ".join(theme.text("summary", needed=False).split())


def _by_id(tables: Iterable[Table], what: str) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for table in tables:
        table.only(_KEYS[what], what)
        table_id = table.text("id")
        if table_id and not ID.fullmatch(table_id):
            table.tell("id", f'"{table_id}" is no id; use letters, digits, ".", "_" or "-", a letter first')
        elif table_id in found:
            table.tell("id", f'{what.removeprefix("a ")} "{table_id}" stands in line {found[table_id].line} already')
        elif table_id:
            found[table_id] = table
    return found


def _levels(top: Table, choices: Choices) -> dict[str, DraftLevel]:
    levels = {}
    for level_id, table in _by_id(top.tables("levels", needed=True), "a level").items():
        said = next((kind for suffix, kind in _SUFFIXES.items() if level_id.endswith(suffix)), None)
        levels[level_id] = choices.level(level_id, table.text("name"), said)
    return levels


def _peers(levels: Mapping[str, DraftLevel]) -> Iterable[tuple[str, str, str]]:
    """The pairs of an IC and a people-manager level that differ in the suffix alone."""
    for level_id, level in levels.items():
        stem = level_id.removesuffix("-ic")
        other = levels.get(f"{stem}-pm")
        if stem != level_id and other and (level.kind, other.kind) == ("ic", "manager"):
            yield level_id, other.id, f'two variants of one level, "{stem}"'


def _cells(
    top: Table, levels: Mapping[str, DraftLevel], themes: Mapping[str, Table], file: str, problems: Problems
) -> dict[str, dict[str, Cell]]:
    """What is expected, by theme and level; several entries for one theme at one level are read as one."""
    cells: dict[str, dict[str, Cell]] = {theme_id: {} for theme_id in themes}
    for table in _by_id(top.tables("competencies", needed=True), "a competency").values():
        level, theme = table.text("level"), table.text("theme")
        cell = Cell(table.text("summary"), table.text("id"), tuple(table.texts("examples")), _proficiency(table))
        known = [_known(table, "level", level, levels), _known(table, "theme", theme, themes)]
        if all(known):
            before = cells[theme].get(level)
            cells[theme][level] = _joined(before, cell, f"{file}: {theme} at {level}", problems) if before else cell
    return cells


def _known(table: Table, key: str, wanted: str, known: Iterable[str]) -> bool:
    if wanted in known:
        return True
    if wanted:
        table.tell(key, f'{key} "{wanted}" is not among the {key}s of the file{did_you_mean(wanted, known)}')
    return False


def _proficiency(table: Table) -> str | None:
    word = table.text("proficiency", needed=False)
    found = next((known for known in PROFICIENCY if known.casefold() == word.casefold()), None)
    if word and found is None:
        near = did_you_mean(word, PROFICIENCY)
        table.tell("proficiency", f'"{word}" is none of {", ".join(PROFICIENCY)}{near}')
    return found


def _joined(first: Cell, second: Cell, place: str, problems: Problems) -> Cell:
    """Two entries as one: their texts under each other, and the proficiency only where both name the same."""
    same = first.proficiency == second.proficiency
    if not same:
        problems.remark(f"{place} has entries of different proficiency, so none is written")
    return Cell(
        f"{first.text}\n{second.text}",
        first.id,
        (*first.signals, *second.signals),
        first.proficiency if same else None,
    )
