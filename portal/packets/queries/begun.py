"""What somebody began to write and has not sent."""

from sqlalchemy.orm import Session

from portal.models.case import Case
from portal.models.person import Person
from portal.models.unsent import UnsentForm, UnsentText


def unsent(s: Session, case: Case, writer: Person, form: UnsentForm) -> UnsentText | None:
    return s.get(UnsentText, (case.id, writer.id, form))
