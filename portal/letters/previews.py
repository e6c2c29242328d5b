"""A template as it is being written, filled with a made-up letter or a real case; and the pages around it."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from portal.adapters.clock import now
from portal.adapters.pdf import PdfFailed
from portal.decisions.fragments import OUTCOME_WORDS
from portal.domain.appeals import Reply
from portal.domain.case_types import KINDS, CaseType, Outcome
from portal.domain.problems import Refused
from portal.letters import queries
from portal.letters.commands import set_alone
from portal.letters.contents import compose
from portal.letters.forms import PreviewForm, TemplateForm
from portal.letters.language import LANGUAGES, phrases
from portal.letters.queries import TemplatePlace
from portal.letters.samples import sample
from portal.letters.template_rules import BLOCKS, FILTERS, problems_in
from portal.letters.typesetting import compiled, frame_of, page, values
from portal.models.audit import AuditEvent, digest, record
from portal.models.case import Case
from portal.models.letter import LetterTemplate
from portal.models.person import Person
from portal.web.database import session

SAMPLE = ""
REPLY_WORDS = {Reply.STANDS: "appeal: the decision stands", Reply.BACK: "appeal: it is looked at again"}


def templates_page() -> dict[str, Any]:
    return {
        "places": queries.all_places(session()),
        "words": {**OUTCOME_WORDS, **REPLY_WORDS},
        "kinds": {kind.value: facts.name for kind, facts in KINDS.items()},
        "languages": {code: phrases(code)["name"] for code in LANGUAGES},
        "any": queries.ANY,
    }


def template_page(actor: Person, place: TemplatePlace, form: TemplateForm, shown: PreviewForm) -> dict[str, Any]:
    cases = queries.cases_to_show(session(), actor, place)
    return {
        **templates_page(),
        "place": place,
        "form": form,
        "shown": shown,
        "cases": cases,
        "names": names_of(place),
        "blocks": BLOCKS,
        "filters": FILTERS,
        "types": [(kind.value, facts.name) for kind, facts in KINDS.items() if _possible(place, kind)],
        "preview": preview(actor, place, str(form.text.data or ""), shown),
    }


def _possible(place: TemplatePlace, kind: CaseType) -> bool:
    facts = KINDS[kind]
    untried = facts.tried and place.outcome is Outcome.APPROVED  # where the ladder's path has no trial
    return place.outcome in facts.carried or place.outcome is facts.not_carried or untried


def names_of(place: TemplatePlace) -> list[tuple[str, str]]:
    """The names a template may use, each with what it stands for in the made-up letter."""
    return list(_flat("letter", sample(place.outcome, place.sample_type, place.language)))


def _flat(path: str, value: Any) -> Any:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _flat(f"{path}.{key}", below)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from _flat(f"{path}[…]", value[0])
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def preview(actor: Person, place: TemplatePlace, text: str, shown: PreviewForm) -> dict[str, Any]:
    """{"problems", "blocks", "whom"}: what is wrong with the text, or its blocks as they would be printed."""
    found = problems_in(text, place.outcome, place.sample_type, place.language)
    data, whom = _data(actor, place, shown)
    if found:
        return {"problems": found, "blocks": {}, "whom": whom}
    template = compiled(place.language, text, frame_of(data))
    context = template.new_context(values(data, data_sha256=digest(data), base_url=_base_url()))
    there = [name for name in BLOCKS if name in template.blocks]
    filled = {name: Markup("".join(template.blocks[name](context))) for name in there}  # noqa: S704 checked by the rules
    return {"problems": (), "blocks": filled, "whom": whom}


def as_pdf(actor: Person, place: TemplatePlace, text: str, shown: PreviewForm) -> bytes:
    """The whole letter as a PDF. Refused with the first problem of the text, or of the setting."""
    if found := problems_in(text, place.outcome, place.sample_type, place.language):
        raise Refused(str(found[0]))
    data, _whom = _data(actor, place, shown)
    html = page(data, data_sha256=digest(data), base_url=_base_url(), template=text)
    try:
        return set_alone(data, html)
    except PdfFailed as error:
        raise Refused(_("The preview could not be set: %(why)s", why=str(error))) from error


def _base_url() -> str:
    return str(current_app.config["SETTINGS"].base_url)


def _data(actor: Person, place: TemplatePlace, shown: PreviewForm) -> tuple[dict[str, Any], str]:
    """What to fill it with, and whose letter that is. A real case counts as read, once a day."""
    wanted = str(shown.case.data or SAMPLE)
    case = next((c for c in queries.cases_to_show(session(), actor, place) if c.id == wanted), None) if wanted else None
    if case is None:
        return sample(place.outcome, place.sample_type, place.language), _("a made-up person")
    _note_reading(actor, case)
    written = LetterTemplate(language=place.language, number=place.number + 1, sha256="0" * 64)
    day = queries.release_day(case, now())
    code = case.decisions[-1].letter.code if case.decisions[-1].letter else "0000-0000-0000-0000"
    data = compose(queries.sources_of(session(), case.decisions[-1]), code=code, issued_on=day, template=written)
    return data, case.candidate.name


def _note_reading(actor: Person, case: Case) -> None:
    thing, today = f"letter:{case.id}", now().replace(hour=0, minute=0, second=0, microsecond=0)
    q = select(AuditEvent.sequence).where(
        AuditEvent.case_id == case.id,
        AuditEvent.actor_id == actor.id,
        AuditEvent.thing == thing,
        AuditEvent.action == "read",
        AuditEvent.at >= today,
    )
    if session().scalar(q.limit(1)) is None:
        stage = case.state.value
        record(session(), actor=actor, action="read", thing=thing, at=now(), case_id=case.id, stage=stage)
