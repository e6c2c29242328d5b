"""How much a request may carry: little by default, more on the few addresses that take files, and there only for people
who are signed in."""

from contextlib import closing

from flask import Flask, request
from flask_login import current_user
from werkzeug.datastructures import FileStorage

MB = 1024 * 1024
ORDINARY_FORM = 2 * MB


def install(app: Flask, *, most_mb: int) -> None:
    """`most_mb` is what routes with `takes_files=True` accept. Call it before anything that reads a form."""
    app.config.update(MAX_CONTENT_LENGTH=ORDINARY_FORM, MAX_FORM_MEMORY_SIZE=ORDINARY_FORM)

    @app.before_request
    def widen() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "takes_files", False) and current_user.is_authenticated:
            request.max_content_length = request.max_form_memory_size = most_mb * MB


def content_of(uploaded: FileStorage | None) -> bytes:
    """Everything in the file somebody sent, nothing for none; what was kept of it on the disk is let go."""
    if not uploaded:
        return b""
    with closing(uploaded):
        return uploaded.read()


def limit_mb() -> int:
    """What the request at hand may carry."""
    return (request.max_content_length or ORDINARY_FORM) // MB
