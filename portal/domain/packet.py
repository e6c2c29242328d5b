"""What a packet consists of: its sections and their fields, chosen by target grade, and when each is done."""

from collections.abc import Mapping
from dataclasses import dataclass

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


def sections_for(grade: int) -> tuple[Section, ...]:
    """The sections of a promotion packet to this target grade, in reading order."""
    results = tuple(result_section(n) for n in range(1, RESULTS + 1))
    scope = (SCOPE,) if grade >= SCOPE_FROM_GRADE else ()
    return (SUMMARY, *results, *scope, HUMAN_SKILLS)


def section(grade: int, code: str) -> Section | None:
    return next((s for s in sections_for(grade) if s.code == code), None)


def is_complete(section: Section, texts: Mapping[str, str]) -> bool:
    return all(texts.get(f.code, "").strip() for f in section.fields if f.required)


def missing_sections(grade: int, written: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Titles of required sections in which a required field is empty. `written`: section code -> field code -> text."""
    return tuple(s.title for s in sections_for(grade) if s.required and not is_complete(s, written.get(s.code, {})))
