"""Reviews taken along as sheets, and sheets that come back: looked at first, then taken in whole or not at all."""

import re

from flask import Response, abort, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.adapters.clock import now
from portal.adapters.tables import WORKBOOK
from portal.cases.queries import case as load_case
from portal.domain.problems import InvalidInput
from portal.models.audit import record
from portal.models.case import Assignment, Case
from portal.reviews import commands, fragments, policy, queries
from portal.reviews.forms import DownloadForm, SheetsForm
from portal.reviews.routes.answers import me, to
from portal.reviews.routes.reviewing import reviews
from portal.reviews.sheets import (
    MOST_FILES,
    MOST_UNPACKED,
    Filled,
    NotASheet,
    TooMuch,
    files_in,
    is_workbook,
    read_text,
    read_workbook,
    write_text,
    write_workbook,
    zipped,
)
from portal.web.database import session
from portal.web.fragments import refused
from portal.web.routing import require
from portal.web.uploads import content_of

KINDS = {"xlsx": WORKBOOK, "txt": "text/plain; charset=utf-8", "zip": "application/zip"}
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@reviews.get("/reviews/sheets", load=None, access=policy.can_list)
def sheets() -> ResponseReturnValue:
    return render_template("reviews/sheets.html", **fragments.offline(me(), queries.wanted(request.args)))


@reviews.post("/reviews/sheets/download", load=None, access=policy.can_list)
def download() -> ResponseReturnValue:
    """One sheet as a file, several as a ZIP. Each is a reading of the packet, and is noted as one."""
    form = DownloadForm()
    form.validate()
    asked, kind = list(dict.fromkeys(form.case.data or ())), "txt" if form.kind.data == "txt" else "xlsx"
    if not asked:
        why = _("Choose at least one review to take along.")
        return refused("reviews/sheets.html", **fragments.offline(me(), queries.EVERYTHING, message=why))
    cases = [_writable(case_id) for case_id in asked]
    for case in cases:
        if first := queries.anchor_first(session(), case, _mine(case)):
            why = _(
                "First score the anchor packet “%(title)s” under My reviews; the case opens after it.",
                title=first.title,
            )
            return refused("reviews/sheets.html", **fragments.offline(me(), queries.EVERYTHING, message=why))
    made = [_file(_read_of(case), kind) for case in cases]
    if len(made) == 1:
        return _attachment(*made[0], KINDS[kind])
    return _attachment("review-sheets.zip", zipped(made), KINDS["zip"])


def _writable(case_id: str) -> Case:
    case = load_case(session(), case_id=case_id)
    if case is None:
        abort(404)
    require(policy.can_write(me(), case))
    return case


def _mine(case: Case) -> Assignment:
    return policy.own_assignment(me(), case) or abort(404)


def _read_of(case: Case) -> Case:
    """The case, with a line on record that its packet was read."""
    thing, stage = f"packet:{case.id}", case.state.value
    record(session(), actor=me(), action="read", thing=thing, at=now(), case_id=case.id, stage=stage)
    return case


def _file(case: Case, kind: str) -> tuple[str, bytes]:
    sheet, matter = fragments.sheet_for(me(), case)
    name = _NOT_IN_A_NAME.sub("-", case.candidate.name.lower()).strip("-") or "review"
    content = write_text(sheet, matter).encode() if kind == "txt" else write_workbook(sheet, matter)
    return f"{name}-{case.id}.{kind}", content


def _attachment(name: str, content: bytes, kind: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@reviews.post("/reviews/sheets", load=None, access=policy.can_list, takes_files=True)
def look_at_sheets() -> ResponseReturnValue:
    """A dry run: what each file would change, and where it cannot be read; nothing is written."""
    form = SheetsForm()
    found = [(file.filename or _("a file"), content_of(file)) for file in form.files.data or () if file]
    if not found:
        why = _("Choose the sheets you filled in.")
        return refused("reviews/sheets.html", **fragments.offline(me(), queries.EVERYTHING, message=why))
    seen: set[str] = set()
    opened = _all_in(found)
    if opened is None:
        why = _("Together these files hold more than %(n)s sheets do; send fewer at once.", n=MOST_FILES)
        return refused("reviews/sheets.html", **fragments.offline(me(), queries.EVERYTHING, message=why))
    files = [_looked(*inner, seen) for inner in opened]
    page = fragments.offline(me(), queries.EVERYTHING, files)
    if any(file["problems"] for file in files):
        return refused("reviews/sheets.html", **page)
    return render_template("reviews/sheets.html", **page)


def _all_in(found: list[tuple[str, bytes]]) -> list[tuple[str, bytes | None, str]] | None:
    """What is in all files together, or None when it is too much: many small ZIPs unpack to as much as a large one."""
    opened, room = [], MOST_UNPACKED
    for name, content in found:
        inside = _opened(name, content)
        opened += inside
        room -= sum(len(held) for _name, held, _why in inside if held)
        if len(opened) > MOST_FILES or room < 0:
            return None
    return opened


def _opened(name: str, content: bytes) -> list[tuple[str, bytes | None, str]]:
    try:
        return [(inner, held, "") for inner, held in files_in(name, content)]
    except TooMuch as problem:
        return [(name, None, str(problem))]


def _looked(name: str, content: bytes | None, why: str, seen: set[str]) -> dict[str, object]:
    if content is None:
        return fragments.looked_words(name, None, (why,))
    try:
        filled = _read(content)
    except NotASheet as problem:
        return fragments.looked_words(name, None, (str(problem),))
    looked = commands.look_at(session(), actor=me(), filled=filled)
    problems = looked.problems
    if filled.sheet.key.case in seen:
        problems = (_("another of these files is for the same review; send one of the two."),)
    seen.add(filled.sheet.key.case)
    return fragments.looked_words(name, looked, problems)


def _read(content: bytes) -> Filled:
    if is_workbook(content):
        return read_workbook(content)
    try:
        return read_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as broken:
        line = content[: broken.start].count(b"\n") + 1
        raise NotASheet(f"line {line}", _("it is not UTF-8; save the file as text in UTF-8.")) from None


@reviews.post("/reviews/sheets/apply", load=None, access=policy.can_list, takes_files=True)
def take_in_sheets() -> ResponseReturnValue:
    form = SheetsForm()
    try:
        filled = [read_text(str(text or "")) for text in form.sheet.data or ()]
        changed = commands.take_in(session(), actor=me(), sheets=filled, at=now())
    except NotASheet as problem:
        page = fragments.offline(me(), queries.EVERYTHING, message=str(problem))
        return refused("reviews/sheets.html", **page)
    except InvalidInput as problem:
        page = fragments.offline(me(), queries.EVERYTHING, message=problem.message, problems=problem.problems)
        return refused("reviews/sheets.html", **page)
    flash(
        ngettext(
            "Taken in: %(num)s review. Nothing is sealed by it.",
            "Taken in: %(num)s reviews. Nothing is sealed by it.",
            len(changed),
        )
    )
    return to("reviews.queue")
