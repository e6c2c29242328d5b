"""The packet as an accessible PDF, set in a process of its own. Templates see what `reading` gives: people's text is
text or the reduced Markdown of the pages, never markup of their own."""

import threading
import weakref
from dataclasses import dataclass

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from portal.adapters.pdf import PdfFailed, PdfWorker
from portal.domain.problems import Refused
from portal.packets.reading import Reading
from portal.settings import ROOT

ASSETS = ROOT / "static" / "packets"
_environment = ImmutableSandboxedEnvironment(
    loader=FileSystemLoader(ROOT / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAPERS = {"a4": ("packet.css",), "letter": ("packet.css", "us-letter.css")}
BUSY_S = 20


@dataclass(frozen=True)
class Head:
    """What stands above a packet. `stand` says which version it is, `proof` what it can be checked by."""

    title: str
    about: str
    stand: str
    proof: str


def page(head: Head, reading: Reading) -> str:
    """The HTML of one packet."""
    return _environment.get_template("packets/pdf/packet.html").render(head=head, reading=reading)


class Press:
    """One process that sets packets one after the other; it ends with this object."""

    def __init__(self) -> None:
        self._worker, self._one_at_a_time = PdfWorker(ASSETS), threading.Lock()
        weakref.finalize(self, self._worker.__exit__, None, None, None)

    def set(self, html: str, paper: str) -> bytes:
        """The PDF on `a4` or `letter`. Raises Refused, with what to do, when others wait already or it cannot
        be set."""
        if not self._one_at_a_time.acquire(timeout=BUSY_S):
            raise Refused("Several packets are being set just now. Try again in a minute, or print the page.")
        try:
            return self._worker.render(html, stylesheets=PAPERS[paper])
        except PdfFailed as error:
            raise Refused(f"The PDF could not be made ({error.cause}). Print the page instead.") from error
        finally:
            self._one_at_a_time.release()
