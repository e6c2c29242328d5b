"""Sets letters in the background: one outbox row of kind `render_letter` a letter, done again if it was interrupted."""

import threading
import weakref
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.outbox import NeverAgain
from portal.adapters.pdf import PdfFailed, PdfWorker
from portal.adapters.storage import Storage, holding
from portal.letters import commands, queries
from portal.letters.typesetting import ASSETS, page, stylesheets
from portal.models.letter import Letter
from portal.settings import Settings

_HOPELESS = ("document", "refused")


class LetterSetter:
    """Does rows {"letter": id, "data": hash of what is to be set}. A letter that was prepared anew meanwhile is left to
    its own, newer row. One PDF process serves all rows; it ends with this object."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._worker, self._one_at_a_time = PdfWorker(ASSETS), threading.Lock()
        weakref.finalize(self, self._worker.__exit__, None, None, None)

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        with Session(self._engine) as s:
            letter = s.get(Letter, payload["letter"])
            if letter is None or letter.pdf_sha256 or letter.data_sha256 != payload["data"]:
                return
            html = page(letter.data, data_sha256=letter.data_sha256, base_url=self._settings.base_url)
            sheets = stylesheets(letter.data)
        pdf = self._set(html, sheets)
        storage = Storage.from_url(self._settings.storage_url)
        name = storage.put(pdf)
        with Session(self._engine) as s:
            begin_write(s)
            holding(s)
            if not storage.exists(name):
                storage.put(pdf)
            found = queries.letter(s, letter_id=payload["letter"])
            if found is not None and found.data_sha256 == payload["data"] and not found.pdf_sha256:
                commands.keep(s, letter=found, pdf_sha256=name, at=now())
            s.commit()

    def _set(self, html: str, sheets: tuple[str, ...]) -> bytes:
        with self._one_at_a_time:
            try:
                return self._worker.render(html, stylesheets=sheets)
            except PdfFailed as error:
                if error.cause in _HOPELESS:
                    raise NeverAgain(str(error)) from error
                raise
