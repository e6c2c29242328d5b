"""The manager's comments on a shared draft, as the two of them read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import SelectChoice

from portal.domain.packet import sections_for
from portal.models.case import Case
from portal.models.packet import DraftComment
from portal.packets.commands.comments import EVIDENCE
from portal.web.prose import prose


@dataclass(frozen=True)
class Said:
    """One comment. `where` is the section in words."""

    id: str
    section: str
    where: str
    who: str
    text: Markup
    at: datetime
    resolved: bool


def titles(case: Case) -> dict[str, str]:
    """What can be commented on, in reading order: code to title."""
    found = {asked.code: str(_(asked.title)) for asked in sections_for(case.grade, case.case_type)}
    return {**found, EVIDENCE: str(_("Evidence and self-assessment"))}


def choices(case: Case) -> list[SelectChoice]:
    return [SelectChoice(code, title) for code, title in titles(case).items()]


def said(case: Case, rows: Iterable[DraftComment]) -> list[Said]:
    names = titles(case)
    return [
        Said(
            row.id,
            row.section,
            names.get(row.section, row.section),
            row.writer.name,
            prose(row.text),
            row.written_at,
            row.resolved_at is not None,
        )
        for row in rows
    ]
