"""The manager's statement: written, signed, and taken up again as long as nobody has begun to review."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import Case
from portal.models.packet import Statement
from portal.models.person import Person
from portal.packets.commands.keeping import checked, hold, refuse_stale, refuse_unless
from portal.packets.commands.noting import note

WRITABLE = frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW})
REOPENABLE = frozenset({State.DRAFT, State.SUBMITTED})
LABELS = {
    "strengths": "Strengths",
    "gaps": "Gaps",
    "current_level": "How they do at the current level",
}
SUPPORTS = "Do you support the case?"
_IN_WORDS = {True: "yes", False: "no", None: ""}


def save_statement(
    s: Session,
    *,
    case: Case,
    actor: Person,
    strengths: str,
    gaps: str,
    current_level: str,
    supports: bool | None,
    version: int,
    at: datetime,
) -> Statement:
    """Keep what the manager wrote. `version` is the one the writer saw, 0 before the first save.

    Every writer has a text of their own: a new manager starts with an empty page. Raises StaleVersion with both texts,
    Refused once signed or once calibration has begun."""
    hold(s, case)
    refuse_unless(case, WRITABLE, "The statement cannot be changed")
    row = s.get(Statement, (case.id, actor.id), populate_existing=True)
    sent = {"strengths": strengths, "gaps": gaps, "current_level": current_level}
    texts = {name: checked(LABELS[name], text) for name, text in sent.items()}
    before = {name: getattr(row, name) if row else "" for name in LABELS}
    if row is not None and texts == before and supports == row.supports:
        return row
    if row is not None and row.signed_at:
        raise Refused("The statement is signed. Take the signature off before you change it.")
    refuse_stale(
        version,
        row.version if row else 0,
        mine={**_labelled(texts), SUPPORTS: _IN_WORDS[supports]},
        theirs={**_labelled(before), SUPPORTS: _IN_WORDS[row.supports if row else None]},
    )
    if row is None:
        row = Statement(case_id=case.id, writer=actor)
        s.add(row)
    for name, value in {**texts, "supports": supports, "saved_at": at}.items():
        setattr(row, name, value)
    s.flush()
    _note(s, case, actor, "statement_saved", row, at)
    return row


def sign_statement(s: Session, *, case: Case, actor: Person, at: datetime) -> Statement:
    """Stand by the statement: from now on those entitled may read it. Raises InvalidInput naming what is empty."""
    hold(s, case)
    refuse_unless(case, WRITABLE, "The statement cannot be signed")
    row = s.get(Statement, (case.id, actor.id), populate_existing=True)
    empty = [label for name, label in LABELS.items() if row is None or not getattr(row, name)]
    if row is None or row.supports is None:
        empty.append("whether you support the case")
    if row is None or empty:
        raise InvalidInput(f"Not signed yet. Still empty: {', '.join(empty)}.")
    if row.signed_at is None:
        row.signed_at = at
        s.flush()
        _note(s, case, actor, "statement_signed", row, at)
    return row


def reopen_statement(s: Session, *, case: Case, actor: Person, at: datetime) -> Statement:
    """Take the signature off to change the text; possible until the reviews open."""
    hold(s, case)
    refuse_unless(case, REOPENABLE, "A signature cannot be taken off")
    row = s.get(Statement, (case.id, actor.id), populate_existing=True)
    if row is None or row.signed_at is None:
        raise Refused("There is no signature of yours to take off.")
    row.signed_at = None
    s.flush()
    _note(s, case, actor, "statement_reopened", row, at)
    return row


def _labelled(texts: dict[str, str]) -> dict[str, str]:
    return {LABELS[name]: text for name, text in texts.items()}


def _note(s: Session, case: Case, actor: Person, action: str, row: Statement, at: datetime) -> None:
    payload = {**{name: getattr(row, name) for name in LABELS}, "supports": row.supports}
    thing = f"statement:{case.id}:{row.writer_id}"
    note(s, case=case, actor=actor, action=action, thing=thing, at=at, payload=payload)
