"""People, the line they report in, the roles they hold, and how they sign in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Id, code_type, new_id


class Role(StrEnum):
    """Roles a person holds for the whole organisation. All others follow from what a person is to a case."""

    PEOPLE_PARTNER = "people_partner"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class MailPace(StrEnum):
    """How often mails that can wait reach a person."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"


class Person(Base):
    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower"),
        CheckConstraint("manager_id IS NULL OR manager_id <> id", name="not_own_manager"),
        UniqueConstraint("email"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    manager_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    # Ids of all managers above, nearest last, as "/top/…/manager/": answers "is X in the line of Y" without a query.
    chain: Mapped[str] = mapped_column(default="/")
    family_id: Mapped[str | None] = mapped_column(String(60))
    level_id: Mapped[str | None] = mapped_column(String(60))
    since: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    manager: Mapped["Person | None"] = relationship(remote_side=[id])
    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="person", foreign_keys="RoleGrant.person_id", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}

    # What flask-login asks of a user.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return self.id

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(g.role for g in self.grants)

    def has(self, role: Role) -> bool:
        return any(g.role is role for g in self.grants)

    @property
    def managers_above(self) -> tuple[str, ...]:
        return tuple(part for part in self.chain.split("/") if part)

    def is_above(self, other: "Person") -> bool:
        """True for every manager in the other's line, however far up."""
        return f"/{self.id}/" in other.chain


class RoleGrant(Base):
    __tablename__ = "role_grant"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(code_type(Role), primary_key=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(back_populates="grants", foreign_keys=[person_id])


class MailPreference(Base):
    """How often mails that can wait reach somebody; whoever has no row gets each at once."""

    __tablename__ = "mail_preference"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    pace: Mapped[MailPace] = mapped_column(code_type(MailPace))


class KeptApart(Base):
    """`away_id` stays away from cases of `person_id`: two people with a bond the portal cannot compute. One bond is two
    rows, one each way. With a cycle it holds there only (they compete for one role). Why is for people partners."""

    __tablename__ = "kept_apart"
    __table_args__ = (
        CheckConstraint("person_id <> away_id", name="two_people"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ender_iff_ended"),
        Index("ix_kept_apart_person_id_away_id", "person_id", "away_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bond: Mapped[str] = mapped_column(Id, index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    away_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    cycle_id: Mapped[str | None] = mapped_column(ForeignKey("cycle.id"))
    reason: Mapped[str] = mapped_column(Text)
    recorded_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    away: Mapped[Person] = relationship(foreign_keys=[away_id])


class SignInSession(Base):
    """One browser that is, or may become, signed in. Only the hash of its cookie is kept."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_seen_at", "seen_at"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    handle: Mapped[str] = mapped_column(Id, default=new_id, unique=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(String(200), default="")


class SignInAttempt(Base):
    """A try to sign in, kept so that the limit holds over processes and restarts.

    `subject` is an account or an address."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]


class AccountToken(Base):
    """An invitation or a password reset: one use, a short life, only the hash is kept."""

    __tablename__ = "account_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
