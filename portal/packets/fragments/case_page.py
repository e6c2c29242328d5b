"""What this room puts on the pages of a case."""

from collections.abc import Iterator

from flask import url_for
from flask_babel import gettext as _

from portal.cases.policy import Hat, hats
from portal.domain.case_flow import AFTER_RELEASE, State
from portal.models.case import Case
from portal.models.person import Person
from portal.packets import policy, queries
from portal.packets.commands import statement
from portal.packets.fragments.editor import submit_reasons
from portal.web.database import session
from portal.web.offers import Offer, Tab


def tabs(actor: Person, case: Case) -> Iterator[Tab]:
    if _has_packet(actor, case):
        yield Tab(_("Packet"), url_for("packets.show", case_id=case.id))
    if policy.can_open_statement(actor, case):
        yield Tab(_("Statement"), url_for("packets.statement", case_id=case.id))
    if policy.can_open_referees(actor, case):
        yield Tab(_("Referees"), url_for("packets.referees", case_id=case.id))
    if _may_open_need(actor, case):
        yield Tab(_("Need for the role"), url_for("packets.justification", case_id=case.id))


def _has_packet(actor: Person, case: Case) -> bool:
    if Hat.CANDIDATE in hats(actor, case) or policy.can_read_draft(actor, case):
        return True
    return case.state not in (State.DRAFT, State.WITHDRAWN) and bool(policy.can_read_submitted(actor, case))


def _may_open_need(actor: Person, case: Case) -> bool:
    """The ballot and the decision are asked for only where the answer depends on them."""
    worn = hats(actor, case)
    if worn & {Hat.COMMITTEE, Hat.CHAIR} or (Hat.CANDIDATE in worn and case.state in AFTER_RELEASE):
        return bool(policy.can_open_need(actor, queries.need_of(session(), case)))
    return bool(worn & {Hat.MANAGER, Hat.PEOPLE_PARTNER})


def offers(actor: Person, case: Case) -> Iterator[Offer]:
    if case.state is State.DRAFT and policy.can_edit(actor, case):
        yield Offer(_("Write the packet"), url_for("packets.edit", case_id=case.id), kind="primary")
        href = url_for("packets.submit_form", case_id=case.id)
        yield Offer(_("Submit the packet"), href, reasons=submit_reasons(case))
    if case.state in statement.WRITABLE and policy.can_write_statement(actor, case):
        yield from _statement_offer(actor, case)


def _statement_offer(actor: Person, case: Case) -> Iterator[Offer]:
    row = queries.statement_by(session(), case, actor)
    if row is None or row.signed_at is None:
        label = _("Go on with your statement") if row else _("Write your statement")
        yield Offer(label, url_for("packets.statement", case_id=case.id), kind="primary")
