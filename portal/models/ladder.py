"""Every version of a rubric that a cycle ever pinned, as the very text of its files, so that an old case renders the
same for ever."""

from datetime import datetime

from sqlalchemy import String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class RubricVersion(Base):
    __tablename__ = "rubric_version"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[str] = mapped_column(String(60), index=True)
    family_version: Mapped[str] = mapped_column(String(40))
    org_text: Mapped[str] = mapped_column(Text)
    family_text: Mapped[str] = mapped_column(Text)
    first_pinned_at: Mapped[datetime]


@event.listens_for(RubricVersion, "before_update")
@event.listens_for(RubricVersion, "before_delete")
def _a_pinned_version_never_changes(*_: object) -> None:
    raise RuntimeError("a pinned rubric version never changes")
