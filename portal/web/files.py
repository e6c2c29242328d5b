"""Files on their way out of the store, as downloads that no browser shows in our name. Nothing is whole in memory."""

from flask import Response, current_app

from portal.adapters.storage import Blob, Storage

DOWNLOAD_CSP = "default-src 'none'; sandbox"
STORAGE = "evenbar.storage"


def storage() -> Storage:
    """The store of this portal, opened at first use."""
    found: Storage | None = current_app.extensions.get(STORAGE)
    if found is None:
        found = Storage.from_url(current_app.config["SETTINGS"].storage_url)
        current_app.extensions[STORAGE] = found
    return found


def download(blob: Blob, *, mimetype: str, name: str) -> Response:
    """An answer that a browser saves and never shows, under a name that we made."""
    answer = Response(blob.pieces, mimetype=mimetype.split(";")[0], direct_passthrough=True)
    answer.headers["Content-Type"] = mimetype
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = DOWNLOAD_CSP
    answer.content_length = blob.size
    return answer
