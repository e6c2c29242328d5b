"""Every version of a rubric that was pinned or published, as the very text of its files, so that an old case renders
the same for ever; and the draft that becomes the next one."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.models.base import Base, Id, new_id
from portal.models.person import Person


class RubricVersion(Base):
    __tablename__ = "rubric_version"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[str] = mapped_column(String(60), index=True)
    family_version: Mapped[str] = mapped_column(String(40))
    org_text: Mapped[str] = mapped_column(Text)
    family_text: Mapped[str] = mapped_column(Text)
    first_pinned_at: Mapped[datetime]


class LadderDraft(Base):
    """A copy of one family that is being changed; one a family. `base_hash` is the version it set out from."""

    __tablename__ = "ladder_draft"
    __table_args__ = (UniqueConstraint("family_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(String(60))
    base_hash: Mapped[str] = mapped_column(String(64))
    org_text: Mapped[str] = mapped_column(Text)
    family_text: Mapped[str] = mapped_column(Text)
    started_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    started_by: Mapped[Person] = relationship()
    __mapper_args__ = {"version_id_col": version}


class LadderRelease(Base):
    """A version published here: from its day on it comes before the file of the same family. Never changed."""

    __tablename__ = "ladder_release"
    __table_args__ = (Index("ix_ladder_release_family_id_effective_on", "family_id", "effective_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    family_id: Mapped[str] = mapped_column(String(60))
    content_hash: Mapped[str] = mapped_column(ForeignKey("rubric_version.content_hash"))
    effective_on: Mapped[date]
    announcement: Mapped[str] = mapped_column(Text)
    published_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime]

    rubric_version: Mapped[RubricVersion] = relationship()
    published_by: Mapped[Person] = relationship()


def releases(s: Session, family_id: str | None = None) -> list[LadderRelease]:
    """Every release, of one family or of all, the one that takes effect last first."""
    q = select(LadderRelease).order_by(LadderRelease.effective_on.desc(), LadderRelease.id.desc())
    return list(s.scalars(q.where(LadderRelease.family_id == family_id) if family_id else q))


def in_force(s: Session, on: date) -> list[LadderRelease]:
    """The release of each family that counts on a day."""
    found: dict[str, LadderRelease] = {}
    for row in releases(s):
        if row.effective_on <= on:
            found.setdefault(row.family_id, row)
    return [found[family_id] for family_id in sorted(found)]


@event.listens_for(LadderRelease, "before_update")
@event.listens_for(LadderRelease, "before_delete")
@event.listens_for(RubricVersion, "before_update")
@event.listens_for(RubricVersion, "before_delete")
def _what_was_pinned_or_published_stays(*_: object) -> None:
    raise RuntimeError("what was pinned or published never changes")
