"""What levels are called, on the very rubric a case is scored on."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.ladder import Family, NotOnLadder
from portal.domain.rubric_files import read_pinned
from portal.models.ladder import RubricVersion


class Titles:
    """Ladders by the hash of their version."""

    def __init__(self, families: dict[str, Family]) -> None:
        self._families = families

    def level(self, rubric_hash: str, level_id: str) -> str:
        return self._families[rubric_hash].level(level_id).title

    def family(self, rubric_hash: str) -> str:
        return self._families[rubric_hash].name

    def above(self, rubric_hash: str, level_id: str) -> str | None:
        """The title one promotion up; None at the top, or where the ladder does not know the level."""
        try:
            found = self._families[rubric_hash].next_level(level_id)
        except NotOnLadder:
            return None
        return found.title if found else None


def titles_of(s: Session, hashes: Iterable[str]) -> Titles:
    """One statement, however many cases are scored on these rubrics."""
    q = (
        select(RubricVersion.content_hash, RubricVersion.org_text, RubricVersion.family_text)
        .where(RubricVersion.content_hash.in_(sorted(set(hashes))))
        .order_by(RubricVersion.content_hash)
    )
    return Titles({name: read_pinned(org, family) for name, org, family in s.execute(q)})
