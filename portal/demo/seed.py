"""Fill an empty database with the demonstration, by the same commands that people's clicks call. Everything follows
from one seed and the moment it is made: the same twice gives the same twice."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal.adapters.database import begin_write
from portal.adapters.pdf import pdf_ready
from portal.adapters.storage import Storage
from portal.demo import crossings, current, finished
from portal.demo.cycles import create
from portal.demo.organisation import found
from portal.demo.play import Play
from portal.demo.presses import Presses
from portal.domain.problems import Refused
from portal.models.base import seeded_ids
from portal.models.outbox import OutboxRow, OutboxState
from portal.models.person import Person

SEED = 2026
FOUNDED, FIRST, SECOND = timedelta(days=400), timedelta(days=150), timedelta(days=50)
STILL_UNSENT = timedelta(days=4, hours=12)


def seed_if_empty(engine: Engine, *, storage: Storage, base_url: str, now: datetime, scale: float = 1.0) -> bool:
    """True when the demonstration was made, False when there are people already. All of it or nothing.

    `scale` below 1 makes a smaller finished cycle. Raises Refused, saying what to install, when letters cannot be made
    on this machine."""
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        if s.scalar(select(Person.id).limit(1)):
            return False
        if missing := _cannot_make_letters():
            raise Refused(missing)
        with seeded_ids(SEED), Presses() as presses:
            _play(s, storage, base_url, now.replace(minute=0, second=0, microsecond=0), scale, presses)
        s.commit()
    return True


def _cannot_make_letters() -> str | None:
    """What is missing for letters to be made at all; that they take longer than they should is no obstacle here."""
    problem = pdf_ready()
    return problem if problem and problem.startswith("letters cannot") else None


def _play(s: Session, storage: Storage, base_url: str, now: datetime, scale: float, presses: Presses) -> None:
    play = Play(
        s=s,
        org=found(s, now - FOUNDED),
        storage=storage,
        base_url=base_url,
        presses=presses,
        seed=SEED,
        now=now,
    )
    first = create(play, now - FIRST, announced=20, submit=30, review=55, decide=85)
    second = create(play, now - SECOND, announced=30, submit=59, review=73, decide=94)
    finished.play_it(play, first, scale)
    current.play_it(play, second)
    crossings.second_try(play, second)
    play.agenda.run()
    _send_what_is_old(s, now)


def _send_what_is_old(s: Session, now: datetime) -> None:
    """Mails of weeks ago went out at the time; those of the last days still wait for a mail server."""
    sent = OutboxRow.created_at < now - STILL_UNSENT
    s.execute(update(OutboxRow).where(sent).values(state=OutboxState.DONE, attempts=1, done_at=OutboxRow.created_at))
