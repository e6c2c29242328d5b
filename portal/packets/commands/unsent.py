"""Text of a form that acts only once it is sent: kept as it is typed, for its writer alone. No line in the log says
that somebody is writing; the act, when it comes, leaves its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.domain.problems import StaleVersion
from portal.models.case import Case
from portal.models.person import Person
from portal.models.unsent import UnsentForm, UnsentText

MEANWHILE = "This text was saved from another tab or device after you opened it."


class StaleUnsent(StaleVersion):
    """As StaleVersion, of what was not sent yet; `theirs` is by field, not by label."""


def keep_unsent(
    s: Session, *, case: Case, writer: Person, form: UnsentForm, texts: Mapping[str, Any], seen: int, at: datetime
) -> UnsentText:
    """Keep what stands in the form. `seen` is the version the page was built on, 0 for none. Raises StaleUnsent."""
    row = s.get(UnsentText, (case.id, writer.id, form), populate_existing=True)
    written = {name: value for name, value in texts.items() if value}
    if row is None:
        row = UnsentText(case_id=case.id, writer_id=writer.id, form=form, texts=written, saved_at=at)
        s.add(row)
    elif row.texts == written:
        return row
    else:
        _refuse_stale(row, written, seen)
        row.texts, row.saved_at = written, at
    s.flush()
    return row


def settle_unsent(
    s: Session, *, case: Case, writer: Person, form: UnsentForm, texts: Mapping[str, Any], seen: int, at: datetime
) -> None:
    """The form is being sent with these texts, so nothing of it waits any more. Raises StaleUnsent where another tab
    has kept something else meanwhile."""
    row = s.get(UnsentText, (case.id, writer.id, form), populate_existing=True)
    if row is None or not row.texts:
        return
    _refuse_stale(row, {name: value for name, value in texts.items() if value}, seen)
    row.texts, row.saved_at = {}, at
    s.flush()


def _refuse_stale(row: UnsentText, mine: Mapping[str, Any], seen: int) -> None:
    if seen == row.version or row.texts == mine:
        return
    theirs = {name: str(value) for name, value in row.texts.items() if mine.get(name) != value}
    shown = {name: str(mine.get(name, "")) for name in theirs}
    raise StaleUnsent(MEANWHILE, mine=shown, theirs=theirs, version=row.version)
