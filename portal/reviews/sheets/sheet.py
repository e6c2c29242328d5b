"""What a sheet holds: which review it belongs to, what is filled in, and what stands there only to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = "1"
TITLE = "Evenbar review sheet"
SUMMARY = "_summary"  # no competency has such an id
KEYS = ("case", "reviewer", "snapshot", "rubric", "saved")


class NotASheet(Exception):
    """The file cannot be read as a sheet; `place` is a cell or a line, the message says what to do."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.place, self.message = place, message


@dataclass(frozen=True)
class Key:
    """The review a sheet belongs to: case, reviewer's address, snapshot ("2 9f86d081…": number and content hash),
    content hash of the rubric, and the version of the review when the sheet was made, 0 before the first save."""

    case: str
    reviewer: str
    snapshot: str
    rubric: str
    saved: str


@dataclass(frozen=True)
class Line:
    """One competency. `score` is a point of the scale or the code of a reason for none; `cites` are labels as in E2."""

    competency: str
    score: str = ""
    why: str = ""
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    key: Key
    lines: tuple[Line, ...]
    summary: str = ""


@dataclass(frozen=True)
class Filled:
    """A sheet as it came back, with the cell or line of each thing in it: by competency and field, or by key."""

    sheet: Sheet
    places: Mapping[tuple[str, str], str]

    def place(self, competency: str, what: str) -> str:
        return self.places.get((competency, what), "")


@dataclass(frozen=True)
class Matter:
    """What is read beside the form, in plain text; coming back it is ignored.

    `about` is the head; `asked` maps a competency to (name, what is expected, anchors); `claims` to the labelled
    evidence for it; `packet` is (place, heading, text) in reading order; `scores` are the words a score may be."""

    about: tuple[str, ...] = ()
    asked: Mapping[str, tuple[str, str, tuple[str, ...]]] = field(default_factory=dict)
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    packet: tuple[tuple[str, str, str], ...] = ()
    scores: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    summary: str = ""


NOTHING = Matter()
