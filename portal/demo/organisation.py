"""The people of the demonstration, in the lines they report in, with their offices and committees."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.demo.personas import PERSONAS, email_of
from portal.demo.phrases import table
from portal.models.person import Person, Role
from portal.people import commands

ROLES = {
    "Tendai Moyo": Role.PEOPLE_PARTNER,
    "Ines Carvalho": Role.PEOPLE_PARTNER,
    "Yara Haddou": Role.PEOPLE_PARTNER,
    "Goran Petrovic": Role.AUDITOR,
    "Amara Nwosu": Role.OPERATOR,
}
LOCALES = {"Bruno Leclair": "de_DE"}  # reads letters in German
# Name, grades, chair and deputy first.
COMMITTEES = (
    (
        "Grades 3 and 4",
        (3, 4),
        (
            "Priya Raman",
            "Nadia Rahimi",
            "Jonas Lindner",
            "Kwame Boateng",
            "Lien Vermeulen",
            "Freya Hansen",
            "Chidi Obi",
            "Fatou Ndiaye",
        ),
    ),
    (
        "Grade 5",
        (5, 5),
        (
            "Nam Nguyen",
            "Priya Raman",
            "Lucia Ferraro",
            "Henrik Dahl",
            "Bilal Qureshi",
            "Chidi Obi",
            "Omar Haddadi",
            "Jonas Lindner",
        ),
    ),
)


class Organisation:
    """Everyone by name; `at(level, n)` is the n-th of those who stood at a level when it began."""

    def __init__(self, people: dict[str, Person], levels: dict[str, list[str]]) -> None:
        self._people, self._levels = people, levels

    def __getitem__(self, name: str) -> Person:
        return self._people[name]

    def everyone(self) -> list[Person]:
        return list(self._people.values())

    def at(self, level: str, number: int) -> Person:
        return self._people[self._levels[level][number]]


def found(s: Session, at: datetime) -> Organisation:
    """Bring everyone in and grant the offices."""
    rows = table("people")
    people: dict[str, Person] = {}
    levels: dict[str, list[str]] = {}
    for family_id in ("offices", "engineering", "product"):
        for name, level, manager, zone in rows[family_id]:
            people[name] = commands.add_person(
                s,
                actor=None,
                email=email_of(name),
                name=name,
                manager=people.get(manager),
                family_id=family_id if level else None,
                level_id=level or None,
                timezone=zone,
                locale=LOCALES.get(name, "en"),
                at=at,
            )
            levels.setdefault(level, []).append(name)
    for name, role in ROLES.items():
        commands.grant(s, actor=None, person=people[name], role=role, at=at)
    missing = [p.name for p in PERSONAS if p.name not in people]
    if missing:
        raise LookupError(f"nobody of that name is in texts/people.toml: {', '.join(missing)}")
    return Organisation(people, levels)
