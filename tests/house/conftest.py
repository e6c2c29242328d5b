"""The tests of the whole house open thousands of pages; what these say counts here, not how they are set in type."""

from collections.abc import Iterator
from unittest import mock

import pytest

from portal.adapters.pdf import PdfWorker
from portal.web.limits import RateLimit


@pytest.fixture(autouse=True)
def pages_stand_in_for_pdfs() -> Iterator[None]:
    """A PDF's bytes follow from its page, so two worlds are told apart by it as well, at a hundredth of the cost."""

    def page(_worker: PdfWorker, html: str, **how: object) -> bytes:
        return b"%PDF-1.7 " + html.encode() + repr(sorted(how.items())).encode()

    with mock.patch.object(PdfWorker, "render", page):
        yield


@pytest.fixture(autouse=True)
def nobody_asks_too_often() -> Iterator[None]:
    """Limits by the minute count how fast a test is, not what it looks for."""
    with mock.patch.object(RateLimit, "allows", lambda *_: True):
        yield
