"""Taking what was written about a person out of the portal while the record of acts stays whole: texts become a mark,
files go, hashes stay. By one person's wish, or for all cases of cycles that closed long enough ago."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, delete, func, select, update
from sqlalchemy.orm import Session

from portal.domain.case_flow import ENDED
from portal.domain.problems import InvalidInput, Refused
from portal.models.anchor import AgreedScore, AnchorPacket, AnchorState
from portal.models.appeal import Appeal
from portal.models.audit import TEXTS_ERASED, AuditEvent, record
from portal.models.base import Base
from portal.models.case import Case
from portal.models.cycle import Cycle
from portal.models.decision import Decision
from portal.models.letter import AppealLetter, Letter
from portal.models.outbox import OutboxRow
from portal.models.person import (
    AccountToken,
    KeptApart,
    MailPreference,
    Person,
    RoleGrant,
    SignInAttempt,
    SignInSession,
)
from portal.records.reasons import count_reasons, erase_reasons_about, erase_reasons_of_case, naming, of_case

ERASED = "[erased]"
MONTH = timedelta(days=365) / 12
_KEPT = frozenset({"audit_event", "outbox"})  # the reasons of the log, and why a row failed, go by themselves
_JSON: dict[tuple[str, str], Any] = {
    ("packet_section", "texts"): {},
    ("snapshot", "content"): {"sections": {}, "evidence": [], "self_assessment": {}},
    ("referee", "answers"): {},
    ("score", "cites"): [],
    ("amended_score", "cites"): [],
    ("anchor_packet", "content"): {"text": ERASED},
}
# What was written into short columns; all others of that kind hold codes, hashes and names of the portal's own.
_SHORT = {("evidence", "period"), ("evidence", "link")}
# Where a table names the case otherwise than as `case_id`.
_NAMED = {"promotion_case": "id", "anchor_packet": "copied_from_id"}
_GONE = ("snapshot_attachment", "attachment", "self_assessment", "unsent_text")
# Tables that hang on a case by another: their key, and the table it points to.
_BELOW = {
    "score": ("review_id", "review"),
    "amendment": ("review_id", "review"),
    "amended_score": ("amendment_id", "amendment"),
    "elector": ("ballot_id", "ballot"),
    "letter_release_item": ("decision_id", "decision"),
    "trial_decision": ("trial_id", "trial"),
    "snapshot_attachment": ("snapshot_id", "snapshot"),
    "agreed_score": ("anchor_id", "anchor_packet"),
    "anchor_review": ("anchor_id", "anchor_packet"),
    "anchor_score": ("review_id", "anchor_review"),
}


@dataclass(frozen=True)
class Erasable:
    """A case whose texts may go, and how many rows hold any."""

    case: Case
    rows: int


def cases_of(s: Session, person: Person) -> list[Erasable]:
    q = select(Case).where(Case.candidate_id == person.id).order_by(Case.created_at, Case.id)
    return [Erasable(case, rows_with_text(s, case)) for case in s.scalars(q)]


def out_of_keeping(s: Session, *, months: int, at: datetime) -> list[Erasable]:
    """Ended cases of cycles that closed more than so many months ago and whose texts are still there."""
    done = select(AuditEvent.case_id).where(AuditEvent.action == TEXTS_ERASED, AuditEvent.case_id == Case.id).exists()
    q = select(Case).join(Cycle, Cycle.id == Case.cycle_id).where(Cycle.closed_at < at - months * MONTH)
    found = s.scalars(q.where(Case._state.in_(ENDED), ~done).order_by(Case.created_at, Case.id))
    return [Erasable(case, rows_with_text(s, case)) for case in found]


def rows_with_text(s: Session, case: Case) -> int:
    return count_reasons(s, of_case(case)) + sum(
        s.scalar(select(func.count()).select_from(table).where(_of(table, case), table.c[column] != "")) or 0
        for table, column in _texts()
    )


def erase_case(s: Session, *, case: Case, actor: Person | None, at: datetime, why: str) -> None:
    """Turn every text of an ended case into a mark and let its files go. Scores, votes, outcomes, days and hashes stay:
    the figures and the chain rest on them, and neither holds a word."""
    if case.state not in ENDED:
        raise Refused(f"The case {case.id} has not ended; its texts are still needed.")
    for name in _GONE:
        table = Base.metadata.tables[name]
        s.execute(delete(table).where(_of(table, case)))
    for table, column in _texts():
        s.execute(update(table).where(_of(table, case), table.c[column] != "").values({column: ERASED}))
    for (name, column), blank in _JSON.items():
        table = Base.metadata.tables[name]
        s.execute(update(table).where(_of(table, case)).values({column: blank}))
    for name, column in sorted(_SHORT):
        table = Base.metadata.tables[name]
        s.execute(update(table).where(_of(table, case)).values({column: ""}))
    _blank_letters(s, case)
    _blank_failures(s, case)
    _end_anchors(s, case)
    s.flush()
    s.expire_all()
    erase_reasons_of_case(s, case=case, actor=actor, at=at)
    stage = case.state.value
    record(
        s, actor=actor, action=TEXTS_ERASED, thing=f"case:{case.id}", at=at, case_id=case.id, stage=stage, reason=why
    )


def erase_person(s: Session, *, person: Person, actor: Person | None, at: datetime, why: str) -> int:
    """Erase who has left: name, address, sign-in, and the texts of their cases; gives how many cases. What they wrote
    about others stays with those cases, by nobody's name. Refused while they are here or a case of theirs is open."""
    if person.active:
        raise Refused(f"{person.name} has not left. Deactivate the account first.")
    if person.erased_at is not None:
        raise Refused("This person was erased already.")
    if len(why.strip()) < 3:
        raise InvalidInput("Say on what ground; it stays on record.")
    if naming(person).search(why):
        raise InvalidInput("The ground stays on record: say it without the person's name and address.")
    found = [one.case for one in cases_of(s, person)]
    if still := [case.id for case in found if case.state not in ENDED]:
        raise Refused(f"A case has not ended: {', '.join(still)}.")
    for case in found:
        erase_case(s, case=case, actor=actor, at=at, why=why)
    erase_reasons_about(s, person=person, actor=actor, at=at)
    for table, column in ((SignInSession, "person_id"), (AccountToken, "person_id"), (MailPreference, "person_id")):
        s.execute(delete(table).where(getattr(table, column) == person.id))
    s.execute(delete(RoleGrant).where(RoleGrant.person_id == person.id))
    s.execute(delete(SignInAttempt).where(SignInAttempt.subject == f"account:{person.email}"))
    _blank_failures_about(s, person)
    near = (KeptApart.person_id == person.id) | (KeptApart.away_id == person.id)
    s.execute(update(KeptApart).where(near).values(reason=ERASED))
    s.refresh(person)
    person.name, person.email = "Erased person", f"{person.id}@erased.invalid"
    person.password_hash, person.timezone, person.locale, person.erased_at = None, "UTC", "en", at
    s.flush()
    record(s, actor=actor, action="person_erased", thing=f"person:{person.id}", at=at, reason=why)
    return len(found)


def _texts() -> Iterator[tuple[Table, str]]:
    """Every column of free text of the tables that hang on a case: one that is added later is erased with the rest."""
    for table in Base.metadata.sorted_tables:
        if table.name not in _KEPT and (_hangs_on_case(table)):
            yield from ((table, column.name) for column in table.columns if isinstance(column.type, Text))


def _hangs_on_case(table: Table) -> bool:
    return "case_id" in table.c or table.name in _BELOW or table.name in _NAMED


def _of(table: Table, case: Case) -> ColumnElement[bool]:
    """The rows of the table that belong to the case, however far below it."""
    if "case_id" in table.c or table.name in _NAMED:
        own: ColumnElement[bool] = table.c[_NAMED.get(table.name, "case_id")] == case.id
        return own
    key, above = _BELOW[table.name]
    parent = Base.metadata.tables[above]
    return table.c[key].in_(select(parent.c.id).where(_of(parent, case)))


def _blank_letters(s: Session, case: Case) -> None:
    """What a letter said of the person; its code and hash stay, so that `/verify` goes on answering."""
    for letter in s.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)):
        gone = {"candidate": ERASED, "manager": "", "reasons": ERASED, "strongest": None, "supersedes": None}
        letter.data = {**letter.data, **{key: value for key, value in gone.items() if key in letter.data}}
        letter.pdf_sha256 = letter.rendered_at = None
    for answer in s.scalars(select(AppealLetter).where(AppealLetter.case_id == case.id).order_by(AppealLetter.id)):
        answer.data = {**answer.data, "candidate": ERASED, "answer": ERASED, "look_again": []}
        answer.pdf_sha256 = answer.rendered_at = None


def _blank_failures_about(s: Session, person: Person) -> None:
    """While the person still has their name: mails to them, and whatever names them."""
    named = naming(person)
    for row in _failed(s):
        if row.person_id == person.id or named.search(row.last_error):
            row.last_error = ERASED


def _blank_failures(s: Session, case: Case) -> None:
    """Why a mail or a letter of the case was not made or sent: names, addresses, and what a letter would have said."""
    decisions = set(s.scalars(select(Decision.id).where(Decision.case_id == case.id)))
    own: dict[str, set[Any]] = {
        "decision": decisions,
        "letter": set(s.scalars(select(Letter.id).where(Letter.case_id == case.id))),
        "appeal": set(s.scalars(select(Appeal.id).where(Appeal.case_id == case.id))),
    }
    for row in _failed(s):
        if row.case_id == case.id or any(row.payload.get(kind) in ids for kind, ids in own.items()):
            row.last_error = ERASED


def _failed(s: Session) -> Iterator[OutboxRow]:
    yield from s.scalars(select(OutboxRow).where(OutboxRow.last_error.not_in(("", ERASED))).order_by(OutboxRow.id))


def _end_anchors(s: Session, case: Case) -> None:
    """Anchor packets copied from the case: nobody scores a mark. What was sealed of them keeps counting."""
    copies = update(AnchorPacket).where(AnchorPacket.copied_from_id == case.id)
    s.execute(copies.values(title=ERASED, version=AnchorPacket.version + 1))
    s.execute(copies.where(AnchorPacket.state == AnchorState.OPEN).values(state=AnchorState.CLOSED))
    drafts = select(AnchorPacket.id).where(
        AnchorPacket.copied_from_id == case.id, AnchorPacket.state == AnchorState.DRAFT
    )
    s.execute(delete(AgreedScore).where(AgreedScore.anchor_id.in_(drafts)))
    s.execute(delete(AnchorPacket).where(AnchorPacket.id.in_(drafts)))
