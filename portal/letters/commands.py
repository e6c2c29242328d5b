"""Verbs about letters: freeze one from the record, set it as a PDF, release what is ready."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters.pdf import render_pdf
from portal.adapters.storage import Storage
from portal.calibration.commands import recheck
from portal.cases import commands as steps
from portal.decisions.queries import forbidden_names
from portal.domain.case_flow import Action, step, words
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.letters import queries
from portal.letters.checks import problems_of
from portal.letters.contents import PLAIN, Style, compose
from portal.letters.language import language_of
from portal.letters.queries import TemplatePlace
from portal.letters.template_rules import problems_in, why_not_filled
from portal.letters.typesetting import ASSETS, page_of, record_of, stylesheets
from portal.models.audit import digest, record
from portal.models.base import new_id
from portal.models.case import Case
from portal.models.decision import Decision
from portal.models.letter import Letter, LetterTemplate
from portal.models.outbox import OutboxRow, OutboxState, enqueue, enqueue_mail
from portal.models.person import Person
from portal.trials.commands import begin

Render = Callable[[str, tuple[str, ...]], bytes]
"""From HTML and the names of its stylesheets to a PDF."""


class DisagreesWithRecord(Refused):
    """A letter does not say what the record says; `problems` has a sentence each."""

    def __init__(self, message: str, problems: tuple[str, ...]) -> None:
        super().__init__(message)
        self.problems = problems


def prepare(
    s: Session,
    *,
    decision: Decision,
    actor: Person,
    at: datetime,
    release_on: date | None = None,
    style: Style | None = None,
) -> Letter:
    """Freeze the letter of a confirmed decision and have it set.

    A letter is dated with the day of its release in the candidate's zone, from which the appeal counts; the default is
    the day of `at`. `style` is how it was set before, unless another is given. Released on another day it is prepared
    again, under the same code. What was released never changes.
    """
    case = decision.case
    if decision.confirmed_at is None:
        raise Refused("The decision has not been confirmed by a second committee member.")
    if decision.released_at is not None:
        raise Refused("This letter was released; a letter never changes after that.")
    letter = decision.letter or Letter(id=new_id(), case_id=case.id, decision_id=decision.id, code=new_code())
    sources = queries.sources_of(s, decision)
    template = template_for(s, decision, at)
    day = release_on or queries.release_day(case, at)
    data = compose(sources, code=letter.code, issued_on=day, template=template, style=style or _style_of(letter))
    found = problems_of(data, digest(data), sources, forbidden_names=forbidden_names(case))
    if unfit := why_not_filled(template.text, data, template.language):
        found += (f"Its template, {template.outcome} in {template.language}, version {template.number}: {unfit}",)
    if found:
        raise DisagreesWithRecord(f"The letter to {case.candidate.name} cannot be prepared.", found)
    letter.data, letter.data_sha256, letter.prepared_at = data, digest(data), at
    letter.pdf_sha256 = letter.rendered_at = None
    letter.case, letter.decision, letter.template = case, decision, template
    s.add(letter)
    s.flush()
    _note(s, letter, "letter_prepared", actor, at)
    payload = {"letter": letter.id, "data": letter.data_sha256}
    enqueue(s, kind=queries.RENDER, key=queries.render_key(letter), payload=payload, at=at)
    return letter


def _style_of(letter: Letter) -> Style:
    """As it was prepared before; the default for a first time."""
    if not letter.data:
        return PLAIN
    return Style(letter.data["paper"], bool(letter.data.get("archive")))


def template_for(s: Session, decision: Decision, at: datetime) -> LetterTemplate:
    """The version a letter is written with. A text that came with Evenbar becomes a version when it is first used, so
    that the letter can be set again after an upgrade brought another."""
    case = decision.case
    place = queries.in_force(s, decision.outcome, case.case_type, language_of(case.candidate.locale))
    return keep_template(s, place, at)


def keep_template(s: Session, place: TemplatePlace, at: datetime) -> LetterTemplate:
    """The version in force at this place; the text that came with Evenbar is kept where it has not been yet."""
    if place.edited:
        return place.edited
    newest = place.versions[0] if place.versions else None
    if newest is not None and newest.text == place.text:
        return newest
    return _keep_template(s, place, place.text, made_by=None, reason="", at=at)


def save_template(
    s: Session, *, place: TemplatePlace, actor: Person, text: str, reason: str, version: int, at: datetime
) -> LetterTemplate:
    """A new version, in force for letters prepared from now on. `version` is the one that was being looked at.

    Raises StaleVersion, or InvalidInput with every problem: what is broken is never kept."""
    if version != place.written:
        raise StaleVersion(
            "Somebody saved another version of this template meanwhile.",
            mine={"Template": text},
            theirs={"Template": place.text},
            version=place.written,
        )
    if found := problems_in(text, place.outcome, place.sample_type, place.language):
        raise InvalidInput("The template cannot be used yet.", tuple(map(str, found)))
    made = _keep_template(s, place, text, made_by=actor, reason=reason, at=at)
    record(s, actor=actor, action="letter_template_saved", thing=f"letter_template:{made.id}", at=at, reason=reason)
    return made


def _keep_template(
    s: Session, place: TemplatePlace, text: str, *, made_by: Person | None, reason: str, at: datetime
) -> LetterTemplate:
    made = LetterTemplate(
        id=new_id(),
        outcome=place.outcome.value,
        case_type=place.case_type,
        language=place.language,
        number=place.number + 1,
        text=text,
        sha256=digest(text),
        reason=reason,
        made_by_id=made_by.id if made_by else None,
        made_at=at,
    )
    s.add(made)
    s.flush()
    return made


def order(s: Session, *, decision: Decision, actor: Person, at: datetime) -> None:
    """Have a letter prepared and set in the background, for a release today. Asked for again while it is under way it
    changes nothing; after it failed, or was done and is to be done again, it is another try."""
    key = queries.prepare_key(decision, queries.release_day(decision.case, at))
    payload = {"decision": decision.id, "actor": actor.id}
    row = s.scalar(select(OutboxRow).where(OutboxRow.key == key).with_for_update())
    if row is None:
        enqueue(s, kind=queries.PREPARE, key=key, payload=payload, at=at)
    elif row.state in (OutboxState.DONE, OutboxState.FAILED):
        row.state, row.payload, row.due_at = OutboxState.PENDING, payload, at
        row.attempts, row.last_error, row.done_at = 0, "", None
        s.flush()


def render(
    s: Session,
    *,
    letter: Letter,
    storage: Storage,
    at: datetime,
    base_url: str = "http://127.0.0.1:8000",
    render_with: Render | None = None,
) -> bytes:
    """Set one letter and store it. The same data and address give the same bytes, whenever and wherever they are set.

    A released letter is set again only to the bytes it had: Refused when they differ."""
    html, sheets = page_of(letter, base_url=base_url), stylesheets(letter.data)
    pdf = render_with(html, sheets) if render_with else set_alone(letter.data, html)
    if letter.pdf_sha256 and (kept := storage.get(letter.pdf_sha256)).startswith(pdf):
        return kept  # the same, and maybe a signature after it
    name = storage.put(pdf)
    if letter.decision.released_at is not None and letter.pdf_sha256:
        raise Refused("This letter was released with other bytes; the stored PDF is the letter.")
    keep(s, letter=letter, pdf_sha256=name, at=at)
    return pdf


def set_alone(data: dict[str, Any], html: str) -> bytes:
    """The PDF of a page in a process of its own, as the letter's data wants it."""
    return render_pdf(html, assets=ASSETS, stylesheets=stylesheets(data), complete=True, record=record_of(data))


def keep(s: Session, *, letter: Letter, pdf_sha256: str, at: datetime) -> None:
    """Note where the PDF of a letter lies."""
    letter.pdf_sha256, letter.rendered_at = pdf_sha256, at
    s.flush()
    _note(s, letter, "letter_rendered", None, at)


def render_latest(s: Session, *, case: Case, storage: Storage, at: datetime, base_url: str) -> tuple[str, bytes]:
    """For the command line: the newest letter of a case as (file name, PDF), stored like any other."""
    letter = queries.latest_letter(case)
    if letter is None:
        raise Refused("This case has no letter: its decision has to be recorded, confirmed and prepared first.")
    if letter.pdf_sha256 and letter.decision.released_at:
        return file_name(letter), storage.get(letter.pdf_sha256)
    return file_name(letter), render(s, letter=letter, storage=storage, at=at, base_url=base_url)


def file_name(letter: Letter, *, superseded: bool = False) -> str:
    """A generated name that says nothing about whom or what the letter is about, only whether it still stands."""
    return f"evenbar-letter-{letter.code}{'-superseded' if superseded else ''}.pdf"


def problems_before_release(s: Session, letter: Letter, at: datetime) -> tuple[str, ...]:
    """Why this letter must not leave now; empty when it may."""
    sources, names = queries.sources_of(s, letter.decision), forbidden_names(letter.case)
    found = problems_of(letter.data, letter.data_sha256, sources, forbidden_names=names)
    if letter.template and letter.template.sha256 != letter.data["template"]["sha256"]:
        found += ("It was not written with the template version that it names.",)
    if step(letter.case.state, Action.RELEASE) is None:
        found += (f"The case is {words(letter.case.state)}: nothing of it can be released now.",)
    if letter.data["code"] != letter.code:
        found += ("It prints another code than the one it is checked by. Prepare the letter again.",)
    today = queries.release_day(letter.case, at).isoformat()
    if letter.data["issued_on"] != today:
        found += (f"It is dated {letter.data['issued_on']}; released today it has to be prepared again for {today}.",)
    return found


def release(s: Session, *, cases: Sequence[Case], actor: Person, at: datetime) -> int:
    """Release all these cases or none, each checked against the record first; candidate and manager get a mail with a
    link. Raises DisagreesWithRecord with every problem, or StepBlocked. Gives how many were released."""
    problems = tuple(f"{case.candidate.name}: {problem}" for case in cases for problem in _problems(s, case, at))
    if problems:
        raise DisagreesWithRecord("Nothing was released: a letter does not agree with the record.", problems)
    for case in cases:
        release_one(s, case=case, actor=actor, at=at)
    return len(cases)


def _problems(s: Session, case: Case, at: datetime) -> tuple[str, ...]:
    letter = queries.latest_letter(case)
    return problems_before_release(s, letter, at) if letter else ("its letter has not been prepared.",)


def release_one(s: Session, *, case: Case, actor: Person, at: datetime) -> None:
    """The step itself, for a letter that was checked: from here on candidate and manager may know, and are told."""
    decision = case.decisions[-1]
    steps.move(s, case=case, action=Action.RELEASE, actor=actor, at=at)
    decision.released_at = at
    case.acknowledged_at = None
    s.flush()
    begin(s, decision=decision, actor=actor, at=at)
    recheck(s, decision=decision, actor=actor, at=at)
    if decision.letter is not None:
        _note(s, decision.letter, "letter_released", actor, at)
    path, key = f"/cases/{case.id}/letter", f"letter:{decision.id}"
    told = [case.candidate_id, *([case.candidate.manager_id] if case.candidate.manager_id else [])]
    for person_id in told:
        enqueue_mail(s, to_id=person_id, template="letter_released", key=key, at=at, path=path)


def new_code() -> str:
    """Eighty random bits, which nobody guesses, in groups that can be typed."""
    return queries.tidy_code(new_id() + new_id())


def _note(s: Session, letter: Letter, action: str, actor: Person | None, at: datetime) -> None:
    payload: dict[str, Any] = {"data": letter.data_sha256, "pdf": letter.pdf_sha256}
    record(
        s,
        actor=actor,
        action=action,
        thing=f"letter:{letter.id}",
        at=at,
        case_id=letter.case_id,
        stage=letter.case.state.value,
        payload=payload,
    )
