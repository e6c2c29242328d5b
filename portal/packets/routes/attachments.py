"""Files beside the evidence: sent with a plain form, given back as downloads to those who may read the packet."""

from typing import IO

from flask import current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.adapters.storage import StorageFailed
from portal.cases.fragments import frame
from portal.cases.queries import rubric_of
from portal.cases.routes import me
from portal.domain.attachments import ACCEPTED, MEGABYTE, Inspected, Limits, megabytes
from portal.domain.case_flow import State
from portal.domain.problems import InvalidInput, Refused
from portal.models.case import Case
from portal.packets import commands, forms, policy, queries
from portal.packets.commands import attachments as files
from portal.packets.fragments import rows_of
from portal.packets.routes.blueprint import packets
from portal.web.database import session, unlocked
from portal.web.files import download, storage
from portal.web.fragments import refused


def _limits() -> Limits:
    settings = current_app.config["SETTINGS"]
    sizes = (settings.attachment_mb, settings.case_attachments_mb, settings.all_attachments_mb)
    return Limits(*(size * MEGABYTE for size in sizes))


def _place(case: Case, evidence_id: str) -> str:
    return str(url_for("packets.edit", case_id=case.id, _anchor=f"evidence-{evidence_id}"))


def _page(place: queries.EvidencePlace, form: forms.AttachForm) -> dict[str, object]:
    row, limits = place.evidence, _limits()
    shown = next(r for r in rows_of(queries.draft(session(), place.case), row.competency_id) if r.id == row.id)
    used = sum(f.size for fs in queries.draft(session(), place.case).files.values() for f in fs)
    hint = _(
        "%(kinds)s, at most %(file)s. The files of this packet have %(used)s of %(case)s.",
        kinds=ACCEPTED,
        file=megabytes(limits.file),
        used=megabytes(used),
        case=megabytes(limits.case),
    )
    name = rubric_of(place.case).competency(row.competency_id).name
    back = _place(place.case, row.id)
    return {**frame(place.case), "row": shown, "name": name, "form": form, "hint": hint, "back": back}


@packets.get("/packet/evidence/<string:evidence_id>/attach", load=queries.evidence_place, access=policy.can_edit_part)
def attach_form(place: queries.EvidencePlace) -> ResponseReturnValue:
    if place.case.state is not State.DRAFT:
        return redirect(url_for("packets.show", case_id=place.case.id), 303)
    return render_template("packets/attach.html", **_page(place, forms.AttachForm(formdata=None)))


@packets.post(
    "/packet/evidence/<string:evidence_id>/attach",
    load=queries.evidence_place,
    access=policy.can_edit_part,
    takes_files=True,
)
def attach(place: queries.EvidencePlace) -> ResponseReturnValue:
    """The bytes are on the disk of the store before the row that names them exists; the lock is let go meanwhile."""
    evidence_id, sent = place.evidence.id, request.files.get("file")
    try:
        if not sent or not sent.filename:
            raise InvalidInput(_("Choose a file first."))
        _keep(place, evidence_id, sent)
    except (InvalidInput, Refused, StorageFailed) as problem:
        return _again(place, evidence_id, str(problem))
    flash(_("The file is attached."))
    return redirect(_place(place.case, evidence_id), 303)


def _keep(place: queries.EvidencePlace, evidence_id: str, sent: FileStorage) -> None:
    file, limits = sent.stream, _limits()
    found = files.inspect(file, limits.file)
    files.refuse_more(session(), case=place.case, evidence=place.evidence, size=found.size, limits=limits)
    store = storage()
    with unlocked():
        store.put_file(file, found.sha256)
    _bind(place, evidence_id, file, found, str(sent.filename), limits)


def _bind(
    place: queries.EvidencePlace, evidence_id: str, file: IO[bytes], found: Inspected, name: str, limits: Limits
) -> None:
    commands.attach(
        session(),
        case=place.case,
        evidence_id=evidence_id,
        actor=me(),
        file=file,
        found=found,
        name=name,
        limits=limits,
        storage=storage(),
        at=now(),
    )


def _again(place: queries.EvidencePlace, evidence_id: str, problem: str) -> ResponseReturnValue:
    """The form with the reason; where the row itself is gone or the stage is over, the reason alone."""
    still = queries.evidence_place(session(), case_id=place.case.id, evidence_id=evidence_id)
    if still is None or still.case.state is not State.DRAFT:
        raise Refused(problem)
    form = forms.AttachForm(formdata=None)
    form.file.errors = [problem]
    return refused("packets/attach.html", **_page(still, form))


@packets.get(
    "/packet/attachments/<string:attachment_id>",
    load=queries.attachment_place,
    access=policy.can_read_file,
    reads="attachment",
)
def attachment(place: queries.AttachmentPlace) -> ResponseReturnValue:
    row = place.attachment
    name = f"evenbar-attachment-{row.id}{row.kind.suffix}"
    try:
        blob = storage().stream(row.sha256)
    except FileNotFoundError:
        raise Refused(_("This file is missing from the store. Tell whoever looks after the portal.")) from None
    return download(blob, mimetype=row.kind.mimetype, name=name)


@packets.get(
    "/packet/attachments/<string:attachment_id>/remove", load=queries.attachment_place, access=policy.can_edit_part
)
def remove_attachment_form(place: queries.AttachmentPlace) -> ResponseReturnValue:
    row = place.attachment
    if row.removed_at is not None:
        return redirect(url_for("packets.edit", case_id=place.case.id), 303)
    context = {"file": row, "submitted": place.submitted, "back": _place(place.case, str(row.evidence_id))}
    return render_template("packets/attachment_remove.html", **frame(place.case), **context)


@packets.post(
    "/packet/attachments/<string:attachment_id>/remove", load=queries.attachment_place, access=policy.can_edit_part
)
def remove_attachment(place: queries.AttachmentPlace) -> ResponseReturnValue:
    back = _place(place.case, str(place.attachment.evidence_id))
    commands.remove_attachment(session(), case=place.case, attachment=place.attachment, actor=me(), at=now())
    flash(_("The file is removed from the draft."))
    return redirect(back, 303)
