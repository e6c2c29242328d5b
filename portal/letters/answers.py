"""The letter that answers an appeal: what it says, put together from the record as plain data, and whether it says
what the record says. It is set and verified like any other; nothing takes its place, and it waits for no release."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from portal.cases.queries import family_of
from portal.decisions.commands import result_of
from portal.decisions.wording import names_in, raw_scores
from portal.domain.appeals import Reply
from portal.domain.paper import paper_for
from portal.letters.contents import PLAIN, Style, level_facts, zone_of
from portal.letters.language import phrases
from portal.models.appeal import Appeal
from portal.models.audit import digest
from portal.models.letter import LetterTemplate

FORMAT = "appeal/1"


def reply_of(appeal: Appeal) -> Reply:
    return Reply.STANDS if appeal.upheld else Reply.BACK


def compose_answer(
    appeal: Appeal, *, code: str, template: LetterTemplate, issued_on: date, style: Style = PLAIN
) -> dict[str, Any]:
    """The plain data of the letter, dated with the day of the answer in the candidate's zone."""
    case, family = appeal.case, family_of(appeal.case)
    said = phrases(template.language)["appeal"]
    return {
        "format": FORMAT,
        "language": template.language,
        "template": {"version": template.number, "sha256": template.sha256},
        "code": code,
        "issued_on": issued_on.isoformat(),
        "paper": paper_for(style.paper, case.candidate.locale),
        "archive": style.archive,
        "case": {
            "id": case.id,
            "version": appeal.decision.number,
            "type": case.case_type.value,
            "cycle": case.cycle.name,
        },
        "rubric": {"family": family.name, "hash": case.rubric_hash},
        "candidate": case.candidate.name,
        "to": level_facts(family, case.to_level_id),
        "outcome": reply_of(appeal).value,
        "decision": _decision_facts(appeal),
        "ground": said[appeal.ground.value],
        "filed_on": appeal.filed_at.astimezone(zone_of(case)).date().isoformat(),
        "answer": appeal.answer,
        "back_to": _step(appeal, template.language),
        "look_again": _paragraphs(appeal.look_again),
        "tally": _tally_facts(appeal),
        "appeal": {"path": f"/cases/{case.id}/appeal"},
    }


def _decision_facts(appeal: Appeal) -> dict[str, str]:
    """The letter that was appealed against."""
    letter = appeal.decision.letter
    out = appeal.decision.released_at
    day = out.astimezone(zone_of(appeal.case)).date().isoformat() if out else ""
    return {"issued_on": letter.data["issued_on"] if letter else day, "code": letter.code if letter else ""}


def _tally_facts(appeal: Appeal) -> dict[str, int]:
    panel = appeal.panel
    if panel is None:
        return {"stands": 0, "look_again": 0, "abstain": 0, "absent": 0}
    count = result_of(panel)
    return {
        "stands": count.votes_for,
        "look_again": count.votes_against,
        "abstain": count.abstentions,
        "absent": count.absent,
    }


def problems_of_answer(
    data: dict[str, Any], data_sha256: str, appeal: Appeal, *, forbidden_names: Sequence[str]
) -> tuple[str, ...]:
    """Every way in which the letter disagrees with the record, one sentence each; empty when it may be issued."""
    found = [
        *_about_the_answer(data, data_sha256, appeal),
        *_about_the_appeal(data, appeal),
        *_about_what_stays_unsaid(data, appeal, forbidden_names),
    ]
    return tuple(found)


def _about_the_answer(data: dict[str, Any], data_sha256: str, appeal: Appeal) -> Iterator[str]:
    if digest(data) != data_sha256:
        yield "The frozen text was changed after it was prepared: its hash does not fit."
    if data["outcome"] != reply_of(appeal).value:
        yield "The letter gives another answer than the one on record."
    if (data["answer"], data["look_again"]) != (appeal.answer, _paragraphs(appeal.look_again)):
        yield "The words of the answer are not those on record."
    if data["back_to"] != _step(appeal, data["language"]):
        yield "The letter names another step than the one the case went back to."
    if data["tally"] != _tally_facts(appeal):
        yield "The count in the letter is not the panel's."


def _about_the_appeal(data: dict[str, Any], appeal: Appeal) -> Iterator[str]:
    answered, zone = appeal.answered_at, zone_of(appeal.case)
    if answered is None or data["issued_on"] != answered.astimezone(zone).date().isoformat():
        yield "It is not dated with the day of the answer."
    if data["decision"] != _decision_facts(appeal):
        yield "The letter names another decision than the one that was appealed against."
    if data["candidate"] != appeal.case.candidate.name:
        yield f"The name differs from the directory: {appeal.case.candidate.name}."
    if data["ground"] != phrases(data["language"])["appeal"][appeal.ground.value]:
        yield "The ground is not that of the appeal."


def _about_what_stays_unsaid(data: dict[str, Any], appeal: Appeal, names: Sequence[str]) -> Iterator[str]:
    text = "\n".join([data["answer"], *data["look_again"]])
    if scores := raw_scores(text, appeal.decision.position):
        yield f"The letter gives away a score: {', '.join(scores)}."
    if found := names_in(text, names):
        yield f"The letter names {', '.join(found)}, whose part in the case stays confidential."


def _step(appeal: Appeal, language: str) -> str:
    return str(phrases(language)["appeal"][appeal.sent_back_to.value]) if appeal.sent_back_to else ""


def _paragraphs(text: str) -> list[str]:
    """As a list, for the template of its own that holds them."""
    return [line.strip() for line in text.split("\n") if line.strip()]
