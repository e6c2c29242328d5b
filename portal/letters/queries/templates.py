"""The templates letters are written with: which is in force, all versions of one, real cases to look at them with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.cases import queries as cases
from portal.decisions import queries as decisions
from portal.domain.appeals import Reply
from portal.domain.case_flow import AFTER_RELEASE, State
from portal.domain.case_types import CaseType, Outcome
from portal.letters.language import LANGUAGES, shipped
from portal.letters.policy import can_release
from portal.letters.samples import Subject
from portal.models.case import Case
from portal.models.letter import LetterTemplate
from portal.models.person import Person

EVERY = ""
ANY = "any"
"""How an address says that a template is for every type of case."""
MOST_CASES = 30
SUBJECTS: tuple[Subject, ...] = (*Outcome, *Reply)


@dataclass(frozen=True)
class TemplatePlace:
    """Where a template stands: one outcome, or one answer to an appeal, in one language, for one type of case or all
    (empty). `versions` newest first."""

    outcome: Subject
    case_type: str
    language: str
    versions: tuple[LetterTemplate, ...]

    @property
    def edited(self) -> LetterTemplate | None:
        """The newest version that somebody wrote; None where the text that came with Evenbar is in force."""
        return next((v for v in self.versions if v.made_by_id), None)

    @property
    def number(self) -> int:
        return self.versions[0].number if self.versions else 0

    @property
    def written(self) -> int:
        """The number of the newest version that somebody wrote, 0 for none: what two writers compare. A text that came
        with Evenbar and was used meanwhile is nobody's change."""
        return self.edited.number if self.edited else 0

    @property
    def text(self) -> str:
        return self.edited.text if self.edited else shipped(self.language, self.outcome.value)

    @property
    def sample_type(self) -> CaseType:
        """A type that a made-up letter of this outcome can be about."""
        if self.case_type:
            return CaseType(self.case_type)
        tried = self.outcome in (Outcome.APPROVED_ON_TRIAL, Outcome.DECLINED)
        return CaseType.SWITCH if tried else CaseType.PROMOTION


def template_place(s: Session, *, language: str, outcome: str, case_type: str) -> TemplatePlace | None:
    """None for a language, an outcome or a type there is none of."""
    wanted = EVERY if case_type == ANY else case_type
    about = next((one for one in SUBJECTS if one.value == outcome), None)
    typed = wanted == EVERY or (wanted in set(CaseType) and about not in set(Reply))
    return _place(s, about, wanted, language) if about and typed and language in LANGUAGES else None


def answer_place(s: Session, reply: Reply, language: str) -> TemplatePlace:
    """Where the letter that answers an appeal takes its template from."""
    return _place(s, reply, EVERY, language)


def _place(s: Session, outcome: Subject, case_type: str, language: str) -> TemplatePlace:
    q = select(LetterTemplate).where(
        LetterTemplate.outcome == outcome.value,
        LetterTemplate.case_type == case_type,
        LetterTemplate.language == language,
    )
    found = s.scalars(q.options(joinedload(LetterTemplate.made_by)).order_by(LetterTemplate.number.desc()))
    return TemplatePlace(outcome, case_type, language, tuple(found))


def in_force(s: Session, outcome: Outcome, case_type: CaseType, language: str) -> TemplatePlace:
    """Where a letter takes its template from: one written for its type, else one for all types of the outcome."""
    own = _place(s, outcome, case_type.value, language)
    return own if own.edited else _place(s, outcome, EVERY, language)


def all_places(s: Session) -> list[TemplatePlace]:
    """Every outcome in every language, and those types that somebody wrote a template for."""
    rows = list(s.scalars(select(LetterTemplate).options(joinedload(LetterTemplate.made_by))))
    about = {one.value: one for one in SUBJECTS}
    keys = {(o, EVERY, language) for o in SUBJECTS for language in LANGUAGES}
    keys |= {(about[row.outcome], row.case_type, row.language) for row in rows}
    order = list(SUBJECTS)
    return [
        TemplatePlace(o, kind, language, tuple(sorted(_of(rows, o, kind, language), key=lambda row: -row.number)))
        for o, kind, language in sorted(keys, key=lambda key: (LANGUAGES.index(key[2]), order.index(key[0]), key[1]))
    ]


def _of(rows: list[LetterTemplate], outcome: Subject, case_type: str, language: str) -> list[LetterTemplate]:
    return [r for r in rows if (r.outcome, r.case_type, r.language) == (outcome.value, case_type, language)]


def cases_to_show(s: Session, actor: Person, place: TemplatePlace) -> list[Case]:
    """Real cases with this outcome that this person releases, the latest decided first; none for answers to appeals."""
    found = [c for c in cases.visible_to(s, actor) if _was_decided(c) and can_release(actor, c)]
    decisions.load_decisions(s, found)
    fitting = [c for c in found if c.decisions and c.decisions[-1].outcome is place.outcome and _fits(c, place)]
    return sorted(fitting, key=_decided_at, reverse=True)[:MOST_CASES]


def _was_decided(case: Case) -> bool:
    return case.state is State.DECIDED or case.state in AFTER_RELEASE


def _fits(case: Case, place: TemplatePlace) -> bool:
    return place.case_type in (EVERY, case.case_type.value)


def _decided_at(case: Case) -> datetime:
    return case.decisions[-1].recorded_at
