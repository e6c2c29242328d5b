"""What a packet consists of: its sections and their fields, chosen by type of case and target grade, and when each is
done."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.domain.case_types import CaseType

SCOPE_FROM_GRADE = 4
RESULTS = 3


@dataclass(frozen=True)
class Field:
    """`words` is a hint of length, never a gate. Labels and hints are gettext message ids."""

    code: str
    label: str
    hint: str
    words: int = 120
    required: bool = True


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    asks: str
    fields: tuple[Field, ...]
    required: bool = True

    def field(self, code: str) -> Field | None:
        return next((f for f in self.fields if f.code == code), None)


SUMMARY = Section(
    "summary",
    "Summary",
    "In three to five sentences: what you do now at the target level, and where it shows.",
    (Field("text", "Summary", "What would a colleague from another team remember?"),),
)
_RESULT_FIELDS = (
    Field("changed", "What changed", "Before and after, with figures where there are any: from what to what, by when?"),
    Field("mattered", "Why it mattered", "To whom, and what would have happened without it?"),
    Field("contribution", "My own contribution", "What you did, as apart from what the team did."),
    Field("how", "How", "How people were brought along, and what you would do differently."),
)
SCOPE = Section(
    "scope",
    "Scope at the next level",
    "Work you already do, or would take on next, that reaches as far as the target level asks.",
    (Field("text", "Scope", "Reach, ambiguity, horizon and stakes: pick what shows it best."),),
)
HUMAN_SKILLS = Section(
    "human-skills",
    "Human skills",
    "Self-awareness, empathy, giving and taking feedback: one or two moments when they counted.",
    (Field("text", "Examples", "What happened, what you did, what came of it."),),
)


def result_section(number: int) -> Section:
    return Section(
        f"result-{number}",
        f"Result {number}",
        "One thing that is different because of your work.",
        _RESULT_FIELDS,
    )


SINCE = Section(
    "since",
    "Since the last letter",
    "Take the points of the last letter one by one: what you did about each, and where it shows.",
    (Field("text", "What is new", "Name the point, then what happened since. Leave out what did not change."),),
)
MOTIVATION = Section(
    "motivation",
    "Why",
    "What draws you there, and what you leave behind for it.",
    (Field("text", "Motivation", "In your own words; there is no right answer, and nobody scores this."),),
)
CARRIES_OVER = Section(
    "carries-over",
    "What carries over",
    "What you showed in your present role counts there too. Say how you will use it.",
    (Field("text", "What carries over", "Pillar by pillar, with one example each."),),
)
TRIAL_PLAN = Section(
    "trial-plan",
    "Plan for the trial",
    "What the trial should show, and how you and others will know.",
    (
        Field("work", "What you will take on", "The work, the people, from when."),
        Field("support", "What you need", "Who helps you learn it, and what you hand over meanwhile."),
        Field("signs", "How it will show", "What will be different at the end if it works, and what if it does not."),
    ),
)
HANDOVER = Section(
    "handover",
    "What you keep and what you hand over",
    "So that nothing falls between two people.",
    (Field("text", "Keep and hand over", "Which work stays with you, which goes to whom, and by when."),),
)
_CROSSING = (MOTIVATION, CARRIES_OVER, TRIAL_PLAN)


def sections_for(grade: int, case_type: CaseType = CaseType.PROMOTION) -> tuple[Section, ...]:
    """The sections of a packet to this target grade, in reading order; a promotion's unless another type is named."""
    if case_type in (CaseType.SWITCH, CaseType.TO_ADVISOR, CaseType.FROM_ADVISOR):
        return _CROSSING
    if case_type is CaseType.STEP_DOWN:
        return (MOTIVATION, HANDOVER)
    results = tuple(result_section(n) for n in range(1, RESULTS + 1))
    since = (SINCE,) if case_type is CaseType.RESUBMISSION else ()
    scope = (SCOPE,) if grade >= SCOPE_FROM_GRADE and case_type is not CaseType.CONFIRMATION else ()
    return (*since, SUMMARY, *results, *scope, HUMAN_SKILLS)


def asks_referees(case_type: CaseType) -> bool:
    """Referees speak about results; a packet without results asks for none."""
    return any(s.code.startswith("result-") for s in sections_for(SCOPE_FROM_GRADE, case_type))


def section(grade: int, code: str, case_type: CaseType = CaseType.PROMOTION) -> Section | None:
    return next((s for s in sections_for(grade, case_type) if s.code == code), None)


def is_complete(section: Section, texts: Mapping[str, str]) -> bool:
    return all(texts.get(f.code, "").strip() for f in section.fields if f.required)


def missing_sections(
    grade: int, written: Mapping[str, Mapping[str, str]], case_type: CaseType = CaseType.PROMOTION
) -> tuple[str, ...]:
    """Titles of required sections in which a required field is empty. `written`: section code -> field code -> text."""
    asked = sections_for(grade, case_type)
    return tuple(s.title for s in asked if s.required and not is_complete(s, written.get(s.code, {})))
