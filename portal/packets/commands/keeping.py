"""What every save of this room asks first: is the text one that can be kept, is the case at a stage where it may
change, did nobody else change it meanwhile."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from portal.domain.case_flow import State, words
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.case import Case

LONGEST = 20_000


def checked(label: str, text: str | None, longest: int = LONGEST) -> str:
    """The text without white space at its ends. Raises InvalidInput when it is too long or holds a NUL character."""
    kept = (text or "").strip()
    if "\x00" in kept:
        raise InvalidInput(f"{label}: the text holds a NUL character, which cannot be stored; take it out.")
    if len(kept) > longest:
        raise InvalidInput(f"{label}: {len(kept):,} characters are too many; keep it to {longest:,}.")
    return kept


def hold(s: Session, case: Case) -> None:
    """Take the case for this transaction, as it now stands: a save and a submission never pass each other."""
    s.refresh(case, attribute_names=["_state", "version"], with_for_update={"of": Case})


def refuse_unless(case: Case, states: frozenset[State], what: str) -> None:
    """Refused outside these states; a decision that is not released is not told even by a refusal."""
    if case.state not in states:
        waiting = State.IN_CALIBRATION if case.state is State.DECIDED else case.state
        raise Refused(f"{what} while the case is {words(waiting)}.")


def refuse_stale(sent: int, kept: int, *, mine: Mapping[str, str], theirs: Mapping[str, str]) -> None:
    """Raise StaleVersion, with both texts of every field that differs, unless `sent` is the version that is kept."""
    if sent == kept:
        return
    differing = [label for label in mine if mine[label] != theirs.get(label, "")]
    raise StaleVersion(
        "This text was saved from another tab or device after you opened it.",
        mine={label: mine[label] for label in differing},
        theirs={label: theirs.get(label, "") for label in differing},
        version=kept,
    )
