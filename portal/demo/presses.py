"""Sets many letters at once, as many as there are presses: each is a PDF process of its own."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from types import TracebackType

from portal.adapters.pdf import PdfWorker
from portal.letters.typesetting import ASSETS

PRESSES = 2
Sheet = tuple[str, tuple[str, ...]]
"""The HTML of a letter and the names of its stylesheets."""


class Presses:
    def __enter__(self) -> "Presses":
        self._stack = ExitStack()
        self._free: SimpleQueue[PdfWorker] = SimpleQueue()
        for _ in range(PRESSES):
            self._free.put(self._stack.enter_context(PdfWorker(ASSETS)))
        self._pool = self._stack.enter_context(ThreadPoolExecutor(PRESSES))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def set_all(self, sheets: Iterable[Sheet]) -> dict[str, bytes]:
        """The PDF of each letter by its HTML. Raises PdfFailed."""
        wanted = list(sheets)
        made = self._pool.map(self._set, wanted)
        return {html: pdf for (html, _), pdf in zip(wanted, made, strict=True)}

    def _set(self, sheet: Sheet) -> bytes:
        press = self._free.get()
        try:
            return press.render(sheet[0], stylesheets=sheet[1])
        finally:
            self._free.put(press)
