"""Who is named in a text about a case: asked before the text can no longer be changed, so that its writer may leave a
name out.

Whether somebody named is a referee, reviews the case or decides it is not for the writer to know, so it is not asked
here: a warning only where it is so would tell exactly that. Every name of the directory is found alike, and what is
found depends on nothing but the text, the directory, the writer and the candidate's reporting line. The candidate and
the managers above them may be named: who they are is known, and none of them has a part that must stay unknown. Found
are names written in full and addresses; of the writer's own name each part, since that alone gives them away."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.domain.anonymity import addresses, own_marks, phrases
from portal.models.person import Person

MOST_PHRASES = 5_000
_BETWEEN = "; "


@dataclass(frozen=True)
class Named:
    """What in a text tells who wrote it, and which other people it names; both as they stand there, sorted."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.others)

    @property
    def token(self) -> str:
        """What a form sends back with the word that these names, and no further ones, are to stay."""
        return _BETWEEN.join((*self.own, *self.others))

    def accepted(self, token: str) -> bool:
        return set(self.token.split(_BETWEEN)) <= set(token.split(_BETWEEN))


def named_in(s: Session, texts: Iterable[str], *, writer: Person, about: Person) -> Named:
    """The names in what `writer` says about the candidate `about`. One statement at most."""
    text = "\n\n".join(texts)
    maybe, sent = phrases(text)[:MOST_PHRASES], {one.lower() for one in addresses(text)}
    own = tuple(own_marks(text, name=writer.name, email=writer.email, known=about.name))
    if not (maybe or sent):
        return Named(own)
    free = {writer.id, about.id, *about.managers_above}
    q = select(Person.name, Person.email).where(Person.id.not_in(free))
    rows = s.execute(q.where(or_(Person.name.in_(maybe), Person.email.in_(sent))).order_by(Person.name, Person.id))
    return Named(own, tuple(sorted({name if name in maybe else email for name, email in rows})))
