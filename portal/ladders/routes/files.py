"""Files in and out: a ladder as the files it is kept in, and such files as a draft."""

import io
import zipfile
import zlib

from flask import Response, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import redirect

from portal.adapters.clock import now
from portal.domain.problems import InvalidInput, Refused
from portal.ladders import commands, policy, queries
from portal.ladders.forms import ImportForm
from portal.ladders.queries import Ladder
from portal.ladders.routes.blueprint import ladders, load_ladder, me
from portal.ladders.routes.drafts import library
from portal.models.ladder import LadderDraft
from portal.web.database import session
from portal.web.fragments import refused

ORG_FILE = "org.toml"
LARGEST = 2 * 1024 * 1024
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files always make the same archive


def _archive(name: str, org_text: str, family_text: str) -> Response:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in ((ORG_FILE, org_text), (f"{name}.toml", family_text)):
            archive.writestr(zipfile.ZipInfo(file, EPOCH), text.encode())
    answer = make_response(content.getvalue())
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return answer


@ladders.get("/<string:family_id>/export", load=load_ladder, access=policy.can_export)
def export(ladder: Ladder) -> ResponseReturnValue:
    return _archive(ladder.family.id, ladder.org_text, ladder.family_text)


@ladders.get("/<string:family_id>/draft/export", load=queries.draft, access=policy.can_export)
def export_draft(draft: LadderDraft) -> ResponseReturnValue:
    return _archive(draft.family_id, draft.org_text, draft.family_text)


@ladders.get("/import", load=None, access=policy.can_edit)
def import_form() -> ResponseReturnValue:
    return render_template("ladders/import.html", form=ImportForm(formdata=None))


@ladders.post("/import", load=None, access=policy.can_edit)
def import_file() -> ResponseReturnValue:
    form = ImportForm()
    try:
        org_text, family_text = _texts(form.file.data.read() if form.file.data else b"")
        draft = commands.take_in(
            session(), library=library(), org_text=org_text, family_text=family_text, actor=me(), at=now()
        )
    except (InvalidInput, Refused) as e:
        form.blame(e)
        return refused("ladders/import.html", form=form)
    flash(_("The file is a draft now. Look at what differs before you publish it."))
    return redirect(url_for("ladders.draft", family_id=draft.family_id), 303)


def _texts(content: bytes) -> tuple[str | None, str]:
    """The organisation's text, if there is one, and the family's: from an archive as exported, or one TOML file."""
    if not content:
        raise InvalidInput("Ladder file: choose a file first.")
    try:
        if not zipfile.is_zipfile(io.BytesIO(content)):
            return None, _text(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {info.filename: info for info in archive.infolist()}
            families = [name for name in files if name != ORG_FILE]
            if len(families) != 1 or any(info.file_size > LARGEST for info in files.values()):
                raise InvalidInput("Ladder file: an archive holds org.toml and one family's file, nothing else.")
            org = _text(archive.read(ORG_FILE)) if ORG_FILE in files else None
            return org, _text(archive.read(families[0]))
    except (UnicodeDecodeError, zipfile.BadZipFile, zlib.error, RuntimeError) as e:
        raise InvalidInput("Ladder file: it is neither UTF-8 text nor an archive that can be opened.") from e


def _text(content: bytes) -> str:
    """As files in the folder are read: a byte order mark dropped, line ends as LF."""
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
