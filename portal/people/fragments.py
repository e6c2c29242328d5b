"""The contexts of the people pages: names for level ids, the directory's page, one person's page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import current_app, url_for

from portal.adapters.clock import now
from portal.adapters.rubrics import library_for
from portal.domain.ladder import Family
from portal.domain.rubric_files import RubricFileErrors
from portal.models.person import Person
from portal.people import policy, queries
from portal.web.database import session


def ladders() -> Mapping[str, Family]:
    """The ladders in force today, published here or as their files are; none while the files are broken."""
    folder: Path = current_app.config["SETTINGS"].rubrics
    try:
        return library_for(session(), folder=folder, on=now().date()).families
    except RubricFileErrors:
        return {}


def level_titles() -> dict[tuple[str, str], str]:
    return {(f.id, level.id): level.title for f in ladders().values() for level in f.levels}


def places(person: Person | None = None) -> list[tuple[str, str]]:
    """Every level to choose from, and the person's own where the files do not have it (any more)."""
    found = [(f"{f.id}/{level.id}", f"{f.name}: {level.title}") for f in ladders().values() for level in f.levels]
    own = f"{person.family_id}/{person.level_id}" if person and person.level_id else ""
    extra = [] if not own or own in dict(found) else [(own, own)]
    return [("", "–"), *found, *extra]


def directory_page(actor: Person, asked: Mapping[str, str]) -> dict[str, Any]:
    """`asked` are the query's arguments: name, page, and for those who keep people, left."""
    keeps = bool(policy.can_keep_people(actor))
    name = asked.get("name", "").strip()[:200]
    left = keeps and asked.get("left") == "1"
    number = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 7 else 1
    page = queries.directory(session(), name=name, page=number, left=left)

    def page_url(n: int) -> str:
        return url_for("people.index", name=name or None, left="1" if left else None, page=n)

    return {
        "page": page,
        "page_url": page_url,
        "name": name,
        "left": left,
        "titles": level_titles(),
        "keeps": keeps,
        "partner": bool(policy.can_keep_apart(actor)),
    }


def person_page(actor: Person, person: Person) -> dict[str, Any]:
    return {
        "person": person,
        "reports": queries.reports_of(session(), person.id),
        "titles": level_titles(),
        "keeps": bool(policy.can_keep_people(actor)),
        "may_grant": bool(policy.can_grant_roles(actor, person)),
    }
