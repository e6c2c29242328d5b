"""The letter that answers an appeal: made in the background, says what the record says, in the candidate's language,
read by who appealed and who keeps the case, and known to whoever checks its code."""

import io
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from sqlalchemy import delete

from portal.adapters.outbox import Outbox
from portal.adapters.storage import Storage
from portal.decisions.commands import confidential_names
from portal.decisions.queries import ANSWER_LETTER
from portal.domain.appeals import Reply
from portal.domain.case_flow import Action, State
from portal.domain.case_types import CaseType
from portal.letters import queries
from portal.letters.answering import keep_answer, prepare_answer
from portal.letters.answers import problems_of_answer
from portal.letters.commands import set_alone
from portal.letters.jobs import AnswerLetterMaker, LetterSetter
from portal.letters.language import LANGUAGES, shipped
from portal.letters.queries import Genuine
from portal.letters.template_rules import problems_in
from portal.letters.typesetting import page_of
from portal.models.appeal import Appeal
from portal.models.audit import AuditEvent, digest
from portal.models.decision import Outcome
from portal.models.letter import AppealLetter
from portal.models.outbox import OutboxRow
from tests.decisions.test_appeals import AGAIN, ANSWER, answered, file, mails
from tests.letters.pdf_text import elements
from tests.letters.stages import BASE
from tests.world import NOW, World


def answered_appeal(world: World, action: Action = Action.SEND_BACK_TO_REVIEW) -> Appeal:
    appeal = file(world, world.case("ada", State.RELEASED, outcome=Outcome.NOT_YET))
    answered(world, appeal, action)
    return appeal


def page(letter: AppealLetter) -> str:
    return " ".join(page_of(letter, base_url=BASE).replace("&nbsp;", " ").replace("\xa0", " ").split())


@pytest.mark.parametrize("reply", Reply)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_templates_hold_nothing_that_is_not_known(reply: Reply, language: str) -> None:
    assert problems_in(shipped(language, reply.value), reply, CaseType.PROMOTION, language) == ()


def test_a_case_that_goes_back_is_told_the_step_and_what_for(world: World, frozen_clock) -> None:
    letter = prepare_answer(world.s, appeal=answered_appeal(world), at=NOW)
    said = page(letter)
    for part in (
        *("Your case is looked at again", "sends your case back to be reviewed again", ANSWER, AGAIN),
        *("Your appeal of 16 March 2026 about evidence that was missed", "Dear", "Ada Marchetti", letter.code),
        "Nobody found that the decision stands, 3 that it must be looked at again",
    ):
        assert part in said
    assert not any(name in said for name in ("Dirk Janssen", "Ron Haddad", "Mona Fischer"))


def test_a_decision_that_stands_is_told_so_in_the_candidates_language(world: World, frozen_clock) -> None:
    world.ada.locale = "de_AT"
    said = page(prepare_answer(world.s, appeal=answered_appeal(world, Action.UPHOLD), at=NOW))
    for part in ("Die Entscheidung über Ihren Fall bleibt bestehen", "fanden 3 Mitglieder", "16. März 2026", ANSWER):
        assert part in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"answer": "Something else altogether."}, "The words of the answer"),
        ({"outcome": "appeal_stands"}, "another answer"),
        ({"back_to": "to be calibrated and voted on again"}, "another step"),
        ({"tally": {"stands": 3, "look_again": 0, "abstain": 0, "absent": 0}}, "not the panel's"),
        ({"issued_on": "2026-03-17"}, "not dated with the day"),
        ({"decision": {"issued_on": "2026-03-16", "code": "X"}}, "another decision"),
        ({"candidate": "Ada M."}, "The name differs"),
        ({"ground": "the procedure"}, "The ground"),
        ({"look_again": ["Ask Rob Silva, who scored a 2 here."]}, "whose part in the case stays confidential"),
    ],
)
def test_a_letter_that_disagrees_with_the_record_is_found(
    world: World, change: dict[str, Any], says: str, frozen_clock
) -> None:
    appeal = answered_appeal(world)
    letter = prepare_answer(world.s, appeal=appeal, at=NOW)
    names = confidential_names(appeal)
    assert problems_of_answer(letter.data, letter.data_sha256, appeal, forbidden_names=names) == ()
    wrong = letter.data | change
    found = problems_of_answer(wrong, digest(wrong), appeal, forbidden_names=names)
    assert any(says in sentence for sentence in found)
    assert "its hash does not fit" in problems_of_answer(wrong, "0" * 64, appeal, forbidden_names=names)[0]


def test_the_worker_makes_it_once_and_notes_its_hash(world: World, engine, settings, frozen_clock, monkeypatch) -> None:
    appeal = answered_appeal(world)
    world.commit()
    setter = LetterSetter(engine, settings)
    monkeypatch.setattr(setter, "_set", lambda html, data: b"%PDF " + html.encode())
    maker = AnswerLetterMaker(engine, settings, setter)
    outbox = Outbox(engine, {ANSWER_LETTER: maker})
    outbox.run_due()
    maker({"appeal": appeal.id}, "again")
    world.s.expire_all()
    letter = world.s.query(AppealLetter).one()
    kept = Storage.from_url(settings.storage_url).get(str(letter.pdf_sha256))
    assert kept.startswith(b"%PDF ")
    actions = [row.action for row in world.s.query(AuditEvent).order_by(AuditEvent.sequence)]
    assert actions[-2:] == ["appeal_letter_prepared", "appeal_letter_rendered"]
    assert queries.verify(world.s, code=letter.code) is Genuine.GENUINE


def test_a_letter_that_cannot_be_made_is_told_to_people_partners_who_have_it_made_again(
    world: World, engine, settings, client, frozen_clock, monkeypatch
) -> None:
    appeal = answered_appeal(world)
    words, appeal.answer = appeal.answer, "Rob Silva should have asked."
    world.commit()
    setter = LetterSetter(engine, settings)
    monkeypatch.setattr(setter, "_set", lambda html, data: b"%PDF " + html.encode())
    outbox = Outbox(engine, {ANSWER_LETTER: AnswerLetterMaker(engine, settings, setter), "mail": lambda *_: None})
    outbox.run_due()
    url = f"/cases/{appeal.case_id}/appeal"
    assert mails(world, "appeal_letter_failed") == {"pia", "theo"}
    said = client(world.ada).get(url).text
    assert ("Its letter could not be made." in said, "Rob Silva, whose part" in said) == (True, False)
    said = client(world.pia).get(url).text
    assert ("Rob Silva, whose part" in said, "Make the letter again" in said) == (True, True)
    retry = f"/cases/{appeal.case_id}/appeals/1/letter"
    given = {who: client(person).post(retry).status_code for who, person in world.everyone.items() if who != "pia"}
    assert {who for who, code in given.items() if code == 303} == {"theo"}
    assert client(world.pia).post(retry).status_code == 409
    world.fresh(appeal).answer = words
    world.commit()
    outbox.run_due()
    assert "Download the letter (PDF)" in client(world.ada).get(url).text


def test_an_answer_from_before_there_were_letters_says_that_it_has_none(world: World, client, frozen_clock) -> None:
    appeal = answered_appeal(world)
    world.s.execute(delete(OutboxRow))
    world.commit()
    assert "There is no letter of it." in client(world.ada).get(f"/cases/{appeal.case_id}/appeal").text


def test_who_reads_it(world: World, client, storage, frozen_clock) -> None:
    appeal = answered_appeal(world)
    letter = prepare_answer(world.s, appeal=appeal, at=NOW)
    world.commit()
    url = f"/cases/{appeal.case_id}/appeals/1.pdf"
    pdf = storage.put(b"%PDF-1.7 the answer")
    assert "Its letter is being set" in client(world.ada).get(f"/cases/{appeal.case_id}/appeal").text
    assert client(world.ada).get(url).status_code == 409
    keep_answer(world.s, letter=world.fresh(letter), pdf_sha256=pdf, at=NOW)
    world.commit()
    assert "Download the letter (PDF)" in client(world.ada).get(f"/cases/{appeal.case_id}/appeal").text
    reads = {who for who, person in world.everyone.items() if client(person).get(url).status_code == 200}
    assert reads == {"ada", "pia", "theo"}
    assert client(world.ada).get(f"/cases/{appeal.case_id}/appeals/2.pdf").status_code == 404


def test_its_words_are_changed_like_those_of_other_letters(world: World, client) -> None:
    pia = client(world.pia)
    place = "/letters/templates/en/appeal_stands/any"
    assert ("appeal: the decision stands" in pia.get("/letters/templates").text, pia.get(place).status_code) == (
        True,
        200,
    )
    assert pia.get("/letters/templates/en/appeal_stands/promotion").status_code == 404
    text = "{% block headline %}It stands{% endblock %}{% block opening %}<p>{{ letter.answer }}</p>{% endblock %}"
    sent = {"text": text.replace("answer", "reasons"), "reason": "shorter", "version": "0"}
    assert "“letter.reasons” is not known" in pia.post(place, data=sent).text
    assert pia.post(place, data={**sent, "text": text}).status_code == 303


def test_its_pdf_is_accessible_as_any_other(world: World, frozen_clock) -> None:
    letter = prepare_answer(world.s, appeal=answered_appeal(world), at=NOW)
    with pikepdf.open(io.BytesIO(set_alone(letter.data, page_of(letter, base_url=BASE)))) as pdf:
        with pdf.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert str(about["dc:title"]) == "Answer to an appeal: Ada Marchetti, Staff Engineer"
        levels = [int(str(e.S)[2:]) for e in elements(pdf) if str(e.S) in ("/H1", "/H2", "/H3")]
        assert (levels.count(1), all(after - before <= 1 for before, after in pairwise(levels))) == (1, True)
        figures = [str(e.Alt) for e in elements(pdf) if str(e.S) == "/Figure"]
        assert figures == ["QR code of the address at which this letter can be checked"]
