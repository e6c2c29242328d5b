"""Files that nobody refers to, left by a crash between the store and the database, are found and taken away."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine, exists, select, union
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.storage import Storage, Stored, holding
from portal.models.case import Case
from portal.models.letter import AppealLetter, Letter
from portal.models.packet import Attachment
from portal.records.erasure import erase_case, out_of_keeping

GRACE = timedelta(days=1)  # what is younger may be on its way to a row that refers to it
PLAUSIBLE = 20
log = structlog.get_logger()


def referred_to(s: Session) -> set[str]:
    """The names of all files that the database refers to."""
    letters = select(Letter.pdf_sha256).where(Letter.pdf_sha256.is_not(None))
    answers = select(AppealLetter.pdf_sha256).where(AppealLetter.pdf_sha256.is_not(None))
    return {str(name) for name in s.scalars(union(select(Attachment.sha256), letters, answers))}


def orphans(s: Session, storage: Storage, at: datetime) -> list[Stored]:
    """What lies in the store for more than a day and nothing refers to, by path."""
    known = referred_to(s)
    old = (found for found in storage.everything() if found.since < at - GRACE)
    return sorted((found for found in old if found.name not in known), key=lambda found: found.path)


def sweep(engine: Engine, storage: Storage) -> int:
    """Take every orphan away; gives how many. Each is looked at once more while nobody else can refer to it.

    Where more files lie unclaimed than a crash could leave, it is rather the wrong database: nothing is removed."""
    with Session(engine) as s:
        found, known = orphans(s, storage, now()), referred_to(s)
    if len(found) > max(PLAUSIBLE, len(known)):
        log.error("orphans left alone", found=len(found), known=len(known), remedy="is this the right database?")
        return 0
    return sum(_remove(engine, storage, one) for one in found)


def _remove(engine: Engine, storage: Storage, one: Stored) -> bool:
    with Session(engine) as s:
        begin_write(s)
        holding(s)
        letter = exists().where(Letter.pdf_sha256 == one.name)
        attachment = exists().where(Attachment.sha256 == one.name)
        answer = exists().where(AppealLetter.pdf_sha256 == one.name)
        if one.name and s.scalar(select(letter | attachment | answer)):
            return False
        storage.remove(one)
        s.commit()
    log.info("orphan removed", path=one.path, size=one.size)
    return True


def retain(engine: Engine, *, months: int, at: datetime | None = None, dry_run: bool = False) -> int:
    """Erase the texts of cases whose cycle closed more than `months` months ago; gives how many. 0 keeps everything.

    One short transaction a case: one that was interrupted is done by the next run."""
    if not months:
        return 0
    at = at or now()
    with Session(engine) as s:
        found = [one.case.id for one in out_of_keeping(s, months=months, at=at)]
    for case_id in [] if dry_run else found:
        with Session(engine) as s:
            begin_write(s)
            erase_case(s, case=s.get_one(Case, case_id), actor=None, at=at, why=f"kept for {months} months")
            s.commit()
    return len(found)
