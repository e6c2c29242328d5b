"""Change a ladder: start a draft or take one in, save its tables, and publish it as a new version from a day on."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.domain.rubric_diff import family_changes
from portal.domain.rubric_edit import TABLES, Unreadable, rows_of, typed, with_expectations, with_head, with_row
from portal.domain.rubric_edit import without_row as text_without_row
from portal.domain.rubric_files import Library, RubricFileErrors, content_hash, read_family, read_org
from portal.domain.rubric_problems import FileProblem
from portal.ladders import queries
from portal.ladders.queries import Ladder
from portal.models.audit import record
from portal.models.ladder import LadderDraft, LadderRelease, RubricVersion
from portal.models.outbox import enqueue_mail
from portal.models.person import Person

LONGEST_VERSION = 40
LONGEST_ANNOUNCEMENT = 4_000
STALE = "Someone else saved this draft since you opened the form."


def start_draft(s: Session, *, ladder: Ladder, actor: Person, at: datetime) -> LadderDraft:
    """A copy of the ladder as it is now. Raises Refused while the family has a draft already."""
    return _begin(s, ladder.family.id, ladder.content_hash, ladder.org_text, ladder.family_text, actor, at)


def take_in(
    s: Session, *, library: Library, family_text: str, org_text: str | None, actor: Person, at: datetime
) -> LadderDraft:
    """A file as a draft. The organisation's file, if given, must be the one in force: it belongs to all families.

    Raises InvalidInput with every problem of the file, Refused while the family has a draft."""
    if org_text is not None and org_text != library.org_text:
        raise InvalidInput(
            "org.toml differs from the organisation's file in force, which all families share; change that in the "
            "rubrics folder first, then send the family alone."
        )
    try:
        family = read_family(library.org, family_text, "family file")
    except RubricFileErrors as broken:
        raise InvalidInput("The file cannot be read as a ladder.", tuple(map(str, broken.problems))) from broken
    known = family.id in library.texts
    base = library.content_hash(family.id) if known else content_hash(library.org_text, family_text)
    return _begin(s, family.id, base, library.org_text, family_text, actor, at)


def _begin(
    s: Session, family_id: str, base_hash: str, org_text: str, family_text: str, actor: Person, at: datetime
) -> LadderDraft:
    if queries.draft(s, family_id=family_id) is not None:
        raise Refused("This family has a draft already; go on with it, or discard it first.")
    draft = LadderDraft(
        family_id=family_id,
        base_hash=base_hash,
        org_text=org_text,
        family_text=family_text,
        started_by_id=actor.id,
        started_at=at,
        saved_at=at,
    )
    s.add(draft)
    s.flush()
    payload = content_hash(org_text, family_text)
    record(s, actor=actor, action="ladder_draft_started", thing=f"ladder:{family_id}", at=at, payload=payload)
    return draft


def save_row(
    s: Session,
    *,
    draft: LadderDraft,
    actor: Person,
    table: str,
    number: int | None,
    fields: Mapping[str, str],
    version: int,
    at: datetime,
) -> None:
    """Replace a row of a table, or add one where `number` is None.

    Raises InvalidInput with "Label: …" for each field that is wrong, StaleVersion with both texts of the row."""
    rows = rows_of(draft.family_text, table)
    theirs = typed(table, rows[number]) if number is not None and number < len(rows) else {}
    _refuse_stale(draft, version, table, dict(fields), theirs)
    _keep(s, draft, actor, at, table, lambda: with_row(draft.family_text, table, number, fields))


def remove_row(
    s: Session, *, draft: LadderDraft, actor: Person, table: str, number: int, version: int, at: datetime
) -> None:
    """Take a row out. Raises InvalidInput when other rows still speak of it."""
    rows = rows_of(draft.family_text, table)
    theirs = typed(table, rows[number]) if number < len(rows) else {}
    _refuse_stale(draft, version, table, {}, theirs)
    _keep(s, draft, actor, at, table, lambda: text_without_row(draft.family_text, table, number))


def save_expectations(
    s: Session, *, draft: LadderDraft, actor: Person, texts: Mapping[tuple[str, str], str], version: int, at: datetime
) -> None:
    """The texts of many expectations at once, by (competency, level)."""
    if version != draft.version:
        rows = {(row["competency"], row["level"]): row for row in rows_of(draft.family_text, "expectation")}
        theirs = {key: str(rows.get(key, {}).get("text", "")) for key in texts}
        differ = [key for key in texts if texts[key] != theirs[key]]
        raise StaleVersion(
            STALE,
            mine={", ".join(key): texts[key] for key in differ},
            theirs={", ".join(key): theirs[key] for key in differ},
            version=draft.version,
        )
    _keep(s, draft, actor, at, "expectation", lambda: with_expectations(draft.family_text, texts))


def _refuse_stale(
    draft: LadderDraft, version: int, table: str, mine: Mapping[str, str], theirs: Mapping[str, str]
) -> None:
    if version == draft.version:
        return
    labels = {column.key: column.label for column in TABLES[table]}
    raise StaleVersion(
        STALE,
        mine={labels[key]: text for key, text in mine.items() if key in labels},
        theirs={labels[key]: text for key, text in theirs.items()},
        version=draft.version,
    )


def _keep(s: Session, draft: LadderDraft, actor: Person, at: datetime, table: str, change: Callable[[], str]) -> None:
    """Save what the change makes of the text, if it is still a ladder. The same text again is no change."""
    try:
        text = change()
        family = read_family(read_org(draft.org_text, "org.toml"), text, "this draft")
    except Unreadable as wrong:
        labels = {column.key: column.label for column in TABLES[table]}
        sentences = tuple(f"{labels[key]}: {said}" for key, said in wrong.args[0])
        raise InvalidInput("Some fields cannot be read.", sentences) from wrong
    except RubricFileErrors as broken:
        raise InvalidInput("This would be no ladder.", tuple(_said(table, p) for p in broken.problems)) from broken
    if text == draft.family_text:
        return
    if family.id != draft.family_id:
        raise InvalidInput("A draft keeps the id of its family.")
    draft.family_text, draft.saved_at = text, at
    s.flush()
    thing = f"ladder:{draft.family_id}"
    payload = content_hash(draft.org_text, text)
    record(s, actor=actor, action="ladder_draft_saved", thing=thing, at=at, reason=table, payload=payload)


def _said(table: str, problem: FileProblem) -> str:
    """A problem for the form: at the column it begins with or names, else with the row it is about."""
    key = problem.message.partition(":")[0].partition("[")[0]
    rest = problem.message.partition(": ")[2] or problem.message
    for column in TABLES[table]:
        if problem.table == table and column.key == key:
            return f"{column.label}: {rest}."
        if problem.table == table and problem.message == f'missing key "{column.key}"':
            return f"{column.label}: Write something here."
    place = f"{problem.table} {problem.id or ''}".strip() if problem.table else "the file"
    return f"In {place}, {problem.message.removesuffix('?')}."


def discard_draft(s: Session, *, draft: LadderDraft, actor: Person, at: datetime) -> None:
    payload = content_hash(draft.org_text, draft.family_text)
    s.delete(draft)
    s.flush()
    thing = f"ladder:{draft.family_id}"
    record(s, actor=actor, action="ladder_draft_discarded", thing=thing, at=at, payload=payload)


def publish(
    s: Session,
    *,
    draft: LadderDraft,
    library: Library,
    actor: Person,
    label: str,
    effective_on: date,
    announcement: str,
    version: int,
    at: datetime,
) -> LadderRelease:
    """Make the draft a version of its own and tell everyone active. Cycles set up before keep what they pinned.

    `library` is what is in force now. Raises InvalidInput naming the field, Refused when nothing changed,
    StaleVersion when the draft was saved since the page was opened."""
    now_text = library.texts.get(draft.family_id, "")
    _checked(draft, library, now_text, label=label, effective_on=effective_on, announcement=announcement, at=at)
    if version != draft.version:
        raise StaleVersion(STALE, mine={"Announcement": announcement}, theirs={}, version=draft.version)
    text = with_head(draft.family_text, version=label)
    stored = _stored(s, draft.family_id, library, text, label, at)
    release = LadderRelease(
        family_id=draft.family_id,
        rubric_version=stored,
        effective_on=effective_on,
        announcement=announcement,
        published_by_id=actor.id,
        published_at=at,
    )
    s.add(release)
    s.delete(draft)
    s.flush()
    payload = {"content": stored.content_hash, "effective_on": effective_on, "announcement": announcement}
    thing = f"ladder:{release.family_id}"
    record(s, actor=actor, action="ladder_published", thing=thing, at=at, reason=label, payload=payload)
    _tell_everyone(s, release, at)
    return release


def _checked(
    draft: LadderDraft,
    library: Library,
    now_text: str,
    *,
    label: str,
    effective_on: date,
    announcement: str,
    at: datetime,
) -> None:
    current = library.families.get(draft.family_id)
    if now_text and not family_changes(now_text, draft.family_text):
        raise Refused("Nothing differs from the version in force, so there is nothing to publish.")
    wrong = []
    if not label or len(label) > LONGEST_VERSION or (current and label == current.version):
        wrong.append(f"Version: Write a new one of at most {LONGEST_VERSION} characters; the old one stays taken.")
    if effective_on < at.date():
        wrong.append("Effective from: Choose today or a later day.")
    if not announcement.strip() or len(announcement) > LONGEST_ANNOUNCEMENT:
        wrong.append(f"Announcement: Say what changes, in at most {LONGEST_ANNOUNCEMENT} characters.")
    if wrong:
        raise InvalidInput("This cannot be published yet.", tuple(wrong))
    try:
        read_family(library.org, draft.family_text, "this draft")
    except RubricFileErrors as broken:
        problems = tuple(str(problem) for problem in broken.problems)
        raise InvalidInput("The organisation's file has changed, and the draft does not fit it.", problems) from broken


def _stored(s: Session, family_id: str, library: Library, text: str, label: str, at: datetime) -> RubricVersion:
    key = content_hash(library.org_text, text)
    found = s.get(RubricVersion, key)
    if found is None:
        found = RubricVersion(
            content_hash=key,
            family_id=family_id,
            family_version=label,
            org_text=library.org_text,
            family_text=text,
            first_pinned_at=at,
        )
        s.add(found)
    return found


def _tell_everyone(s: Session, release: LadderRelease, at: datetime) -> None:
    key, path = f"ladder:{release.id}", f"/ladders/{release.family_id}"
    for person_id in s.scalars(select(Person.id).where(Person.active).order_by(Person.id)):
        enqueue_mail(s, to_id=person_id, template="ladder_published", key=key, at=at, path=path)
