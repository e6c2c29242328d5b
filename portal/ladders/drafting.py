"""The contexts of the pages that change a draft: its tables, one row with what the rules say of it, and the diff."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext as _

from portal.domain import lint
from portal.domain.ladder import Family
from portal.domain.rubric_diff import RowChange, family_changes
from portal.domain.rubric_edit import TABLES, row_name, rows_of, typed
from portal.domain.rubric_files import read_pinned
from portal.ladders.fragments import READING_ORDER, Read, read_finding
from portal.ladders.queries import Ladder
from portal.models.ladder import LadderDraft
from portal.web.forms import Form

_NAMING = {"id", "track", "level", "competency", "from", "to", "levels", "applies_to"}


def family_of(draft: LadderDraft) -> Family:
    return read_pinned(draft.org_text, draft.family_text)


def table_words() -> dict[str, str]:
    return {
        "": _("The ladder as a whole"),
        "track": _("Tracks"),
        "level": _("Levels"),
        "competency": _("Competencies"),
        "expectation": _("Expectations"),
        "bar": _("Bars"),
        "band": _("Pay bands"),
        "switch": _("Switches"),
        "process": _("Processes"),
        "peer_claim": _("Claims about peers"),
    }


def changes_of(draft: LadderDraft, current: Ladder | None) -> tuple[RowChange, ...]:
    return family_changes(current.family_text if current else "", draft.family_text)


def _frame(draft: LadderDraft) -> dict[str, Any]:
    return {"draft": draft, "family": family_of(draft), "words": table_words()}


def _not_passed(family: Family) -> list[lint.Finding]:
    found = [finding for finding in lint.check(family) if finding.status in ("fail", "warn", "unknown")]
    return sorted(found, key=lambda finding: READING_ORDER.index(finding.status))


def draft_page(draft: LadderDraft, current: Ladder | None) -> dict[str, Any]:
    """The whole draft: counts by table, what differs from the version in force, and what the rules say."""
    family = family_of(draft)
    return {
        **_frame(draft),
        "counts": [(table, len(rows_of(draft.family_text, table))) for table in TABLES],
        "changes": changes_of(draft, current),
        "moved": current is not None and current.content_hash != draft.base_hash,
        "findings": [read_finding(family, finding) for finding in _not_passed(family)],
    }


def table_page(draft: LadderDraft, table: str) -> dict[str, Any]:
    rows = rows_of(draft.family_text, table)
    return {**_frame(draft), "table": table, "rows": [(row_name(table, row), typed(table, row)) for row in rows]}


def row_page(draft: LadderDraft, table: str, number: int | None, form: Form) -> dict[str, Any]:
    """One row as a form; `number` is None for a new one."""
    rows = rows_of(draft.family_text, table)
    row = rows[number] if number is not None else {}
    return {
        **_frame(draft),
        "table": table,
        "number": number,
        "name": row_name(table, row) if number is not None else "",
        "form": form,
        "findings": about(family_of(draft), typed(table, row)) if number is not None else [],
    }


def about(family: Family, row: dict[str, str]) -> list[Read]:
    """What the rules say about anything this row is or speaks of; what passes is left out."""
    words = {part for key, text in row.items() if key in _NAMING for part in text.split()}
    found = [f for f in _not_passed(family) if words & set(re.split(r"\||->", f.subject))]
    return [read_finding(family, finding) for finding in found]


def grid_page(draft: LadderDraft, track_id: str, texts: dict[tuple[str, str], str] | None = None) -> dict[str, Any]:
    """The expectations of a track: a line a competency, a column a level. `texts` are what was typed, if refused."""
    family = family_of(draft)
    competencies, levels = family.competencies_of(track_id), family.levels_of(track_id)
    kept = {(c.id, level.id): family.expectation(c.id, level.id) for c in competencies for level in levels}
    return {
        **_frame(draft),
        "track": family.track(track_id),
        "competencies": competencies,
        "levels": levels,
        "texts": {key: (texts or {}).get(key, found.text if found else "") for key, found in kept.items()},
    }


def publish_page(draft: LadderDraft, current: Ladder | None, form: Form) -> dict[str, Any]:
    return {**draft_page(draft, current), "form": form, "current": current}


def next_version(current: str | None, on: date) -> str:
    """A label to offer: the last number in the old one counted up, else the month."""
    found = re.fullmatch(r"(.*?)(\d+)", current or "")
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{on:%Y-%m}"


def changes_page(old: Ladder, current: Ladder | None) -> dict[str, Any]:
    """What an old version and the one in force differ in."""
    now_text = current.family_text if current else ""
    return {
        "ladder": old,
        "family": old.family,
        "current": current,
        "words": table_words(),
        "changes": family_changes(old.family_text, now_text),
        "org_differs": current is not None and current.org_text != old.org_text,
    }
