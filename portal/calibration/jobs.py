"""What the room does by itself: it takes back published statements that no longer hold."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.calibration.commands import take_back_overtaken
from portal.calibration.queries.overtaken import overtaken_statements


def restate(engine: Engine) -> int:
    """Take back what a changed and released decision has overtaken; gives how many statements. Looks first, so that
    nothing is locked while there is nothing to do."""
    with Session(engine) as s:
        if not overtaken_statements(s):
            return 0
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        made = take_back_overtaken(s, at=now())
        s.commit()
    return len(made)
