"""Evidence: claims at the target level, each tied to one competency of it."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.queries import rubric_of
from portal.domain.problems import InvalidInput, Refused
from portal.models.base import new_id
from portal.models.case import Case
from portal.models.packet import Evidence
from portal.models.person import Person
from portal.packets.commands.attachments import take_out_all
from portal.packets.commands.keeping import checked, hold, refuse_stale, refuse_unless
from portal.packets.commands.noting import note
from portal.packets.commands.sections import DRAFT, NOT_A_DRAFT

MOST_ROWS = 60
LONGEST_CLAIM = 4_000
LONGEST_PERIOD = 60
LONGEST_LINK = 500
LABELS = {"claim": "Claim", "contribution": "My contribution", "period": "When", "link": "Link"}


def add_evidence(
    s: Session,
    *,
    case: Case,
    actor: Person,
    competency_id: str,
    claim: str,
    contribution: str,
    period: str,
    at: datetime,
    link: str = "",
    row_id: str = "",
) -> Evidence:
    """A new row for a competency of the target level. Raises InvalidInput, Refused after submission.

    `row_id` is the id the form was given when it was opened, so that saving it again changes the same row; one that is
    taken elsewhere is not used."""
    _open(s, case, competency_id)
    rows = s.scalar(select(func.count()).select_from(Evidence).where(Evidence.case_id == case.id)) or 0
    if rows >= MOST_ROWS:
        raise Refused(
            f"A packet holds at most {MOST_ROWS} rows of evidence. Remove one, or join two that belong together."
        )
    texts = _checked(claim, contribution, period, link)
    free = row_id if row_id and s.get(Evidence, row_id) is None else new_id()
    row = Evidence(id=free, case_id=case.id, competency_id=competency_id, added_at=at, **texts)
    s.add(row)
    s.flush()
    _note(s, case, actor, "evidence_added", row, at)
    return row


def change_evidence(
    s: Session,
    *,
    case: Case,
    evidence: Evidence,
    actor: Person,
    competency_id: str,
    claim: str,
    contribution: str,
    period: str,
    link: str,
    version: int,
    at: datetime,
) -> Evidence:
    """Change a row, or tie it to another competency. Raises StaleVersion with both texts."""
    _open(s, case, competency_id)
    found = s.get(Evidence, evidence.id, populate_existing=True)
    if found is None:
        raise Refused("This row of evidence was removed in the meantime. Add it again if it is still needed.")
    evidence = found
    texts = _checked(claim, contribution, period, link)
    before = {name: getattr(evidence, name) for name in LABELS}
    if texts == before and competency_id == evidence.competency_id:
        return evidence
    refuse_stale(
        version,
        evidence.version,
        mine={LABELS[name]: text for name, text in texts.items()},
        theirs={LABELS[name]: text for name, text in before.items()},
    )
    evidence.competency_id = competency_id
    for name, text in texts.items():
        setattr(evidence, name, text)
    s.flush()
    _note(s, case, actor, "evidence_changed", evidence, at)
    return evidence


def remove_evidence(s: Session, *, case: Case, evidence: Evidence, actor: Person, at: datetime) -> None:
    """Take a row out of the draft. Snapshots that hold it keep it."""
    hold(s, case)
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    _note(s, case, actor, "evidence_removed", evidence, at)
    take_out_all(s, evidence=evidence, at=at)
    s.delete(evidence)
    s.flush()


def _open(s: Session, case: Case, competency_id: str) -> None:
    hold(s, case)
    refuse_unless(case, DRAFT, NOT_A_DRAFT)
    if competency_id not in {c.id for c in rubric_of(case).competencies}:
        raise InvalidInput(f"The rubric of this case has no competency “{competency_id}”.")


def _checked(claim: str, contribution: str, period: str, link: str) -> dict[str, str]:
    texts = {
        "claim": checked(LABELS["claim"], claim, LONGEST_CLAIM),
        "contribution": checked(LABELS["contribution"], contribution, LONGEST_CLAIM),
        "period": checked(LABELS["period"], period, LONGEST_PERIOD),
        "link": checked(LABELS["link"], link, LONGEST_LINK),
    }
    empty = [LABELS[name] for name, text in texts.items() if not text and name != "link"]
    if empty:
        raise InvalidInput(f"Still empty: {', '.join(empty)}.")
    if texts["link"] and not is_web_address(texts["link"]):
        raise InvalidInput("Link: write the whole address, starting with https:// or http://.")
    return texts


def is_web_address(link: str) -> bool:
    """True for an http(s) address with a host; anything else could act in the browser of whoever follows it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not any(c.isspace() for c in link)


def _note(s: Session, case: Case, actor: Person, action: str, row: Evidence, at: datetime) -> None:
    payload = {"competency": row.competency_id, **{name: getattr(row, name) for name in LABELS}}
    note(s, case=case, actor=actor, action=action, thing=f"evidence:{row.id}", at=at, payload=payload)
