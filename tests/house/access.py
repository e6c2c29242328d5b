"""The whole table of who gets what from every address, at each stage of a case's life.

After a change of access that was meant, write it anew: WRITE_ACCESS=1 script/test tests/house/test_access.py"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.domain.case_flow import State
from portal.models.anchor import AnchorPacket
from portal.models.calibration_session import CalibrationSession
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow
from portal.models.packet import Attachment, DraftComment, Evidence
from portal.models.planning import AssignmentRun
from portal.models.release import Release
from portal.web import routing
from tests.world import World

TABLE = Path(__file__).with_name("access.txt")
# ada: candidate · max: her manager · ivy, ron: his other reports · rex, rae: reviewers, rex has sealed in review
# kim: chair · lou: deputy · nat: member · pia: people partner · theo: people partner, recused
# aud: auditor · opal: operator · sam: no part; under appeal sam presides over the panel, ron sits on it
WHO = ("nobody", "ada", "max", "ivy", "ron", "rex", "rae", "kim", "lou", "nat", "pia", "theo", "aud", "opal", "sam")
STAGES = (
    State.DRAFT,
    State.SUBMITTED,
    State.IN_REVIEW,
    State.IN_CALIBRATION,
    State.DECIDED,
    State.RELEASED,
    State.UNDER_APPEAL,
)
COLUMN = 6
WHO_BY_ENDPOINT = {
    "due.review": "rae",
    "due.review_form": "rae",
}  # whose day it is
OF_ENDPOINT = {"exports.table": {"table": "cases"}}  # where another name in an address means something else


def known_ids(world: World, case: Any) -> dict[str, Any]:
    """What stands for each name in a URL. A new name must be added here, or the table cannot be made."""
    s = world.s
    evidence = s.scalar(select(Evidence.id).where(Evidence.case_id == case.id).order_by(Evidence.id))
    attachment = s.scalar(select(Attachment.id).where(Attachment.case_id == case.id).order_by(Attachment.id))
    comment = s.scalar(select(DraftComment.id).where(DraftComment.case_id == case.id).order_by(DraftComment.id))
    anchor = s.scalar(select(AnchorPacket.id).order_by(AnchorPacket.id).limit(1))
    run = s.scalar(select(AssignmentRun.id).order_by(AssignmentRun.id).limit(1))
    letter = s.scalar(select(Letter.code).where(Letter.case_id == case.id))
    return {
        "session_id": s.scalar(select(CalibrationSession.id).limit(1)) or "none",
        "release_id": s.scalar(select(Release.id).limit(1)) or "none",
        "mail_id": s.scalar(select(OutboxRow.id).order_by(OutboxRow.id).limit(1)) or 1,
        "language": "en",
        "outcome": "approved",
        "case_type": "any",
        "fmt": "csv",
        "key": "none",
        "bond": "none",
        "case_id": case.id,
        "person_id": world.sam.id,
        "slug": world.cycle.slug,
        "grade": case.grade,
        "family_id": "engineering",
        "level_id": "staff",
        "table": "level",
        "track_id": "ic",
        "evidence_id": evidence or "none",
        "attachment_id": attachment or "none",
        "comment_id": comment or "none",
        "number": 1,
        "token": "no-such-token",
        "anchor_id": anchor or "none",
        "run_id": run or "none",
        "code": letter or "NONE-NONE-NONE-NONE",
        "committee_id": world.committee.id,
        "assignment_id": case.assignments[0].id if case.assignments else 1,
        "recusal_id": case.recusals[0].id if case.recusals else 1,
        "ballot_id": case.ballots[-1].id if case.ballots else "none",
        "decision_id": case.decisions[-1].id if case.decisions else "none",
    }


def rules(app: Flask, *, of_cases: bool) -> list[tuple[str, str, Rule]]:
    found = []
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found += [(rule.endpoint, m, rule) for m in methods if ("case_id" in rule.arguments) == of_cases]
    return sorted(found, key=lambda f: (f[2].rule, f[1]))


@contextmanager
def nothing_is_kept() -> Iterator[None]:
    """Every form may be sent, and none has an effect: what would be committed is rolled back."""

    def settle() -> Any:
        return mock.patch.object(Session, "commit", lambda s: s.rollback())

    act = routing._act

    def harmless(*args: Any) -> Any:
        with settle():
            return act(*args)

    with mock.patch.object(routing, "_act", harmless):
        yield


def status(browser: Any, method: str, url: str) -> str:
    answer = browser.open(url, method=method)
    return str(answer.status_code)


def lines(app: Flask, client: Any, world: World, ids: dict[str, Any], *, of_cases: bool) -> list[str]:
    browsers = {who: client(None if who == "nobody" else getattr(world, who)) for who in WHO}
    for browser in browsers.values():
        browser.reads = False
    table = []
    with nothing_is_kept():
        for endpoint, method, rule in rules(app, of_cases=of_cases):
            meant = OF_ENDPOINT.get(endpoint, {})
            if endpoint in WHO_BY_ENDPOINT:
                meant = {"person_id": getattr(world, WHO_BY_ENDPOINT[endpoint]).id}
            built = rule.build({name: ids[name] for name in rule.arguments} | meant)
            assert built is not None, rule
            cells = [f"{status(browsers[who], method, built[1]):>{COLUMN}}" for who in WHO]
            table.append(f"{method:<5}{endpoint:<42}" + "".join(cells))
    return table


def head() -> str:
    return f"{'':<5}{'':<42}" + "".join(f"{who:>{COLUMN}}" for who in WHO)
