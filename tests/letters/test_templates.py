"""Templates of letters: what they may hold, who changes them, which one a letter keeps, and that a broken one reaches
nobody."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.adapters.storage import Storage
from portal.domain.case_types import CaseType, Outcome
from portal.domain.problems import InvalidInput, StaleVersion
from portal.letters import policy, queries
from portal.letters.commands import DisagreesWithRecord, prepare, render, save_template
from portal.letters.language import LANGUAGES, language_of, phrases, shipped
from portal.letters.samples import sample
from portal.letters.template_rules import money_words, problems_in
from portal.letters.typesetting import page
from portal.models.audit import AuditEvent
from portal.models.letter import LetterTemplate
from tests.letters.pdf_text import text_of
from tests.letters.stages import BASE, confirmed, prepared, ready, released
from tests.world import NOW, World

URL = "/letters/templates/en/approved/any"
GOOD = """{% block headline %}Well done: {{ letter.to.title }}{% endblock %}
{% block opening %}
<p>From {{ letter.part.effective_on | day }} on, {{ letter.candidate }}.</p>
{% endblock %}"""


def rules(text: str, outcome: Outcome = Outcome.APPROVED) -> list[str]:
    return [str(problem) for problem in problems_in(text, outcome, CaseType.PROMOTION, "en")]


def within(line: str) -> str:
    """A template with this on its third line."""
    return f"{{% block headline %}}H{{% endblock %}}\n{{% block opening %}}\n{line}\n{{% endblock %}}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_ships_can_be_used_for_every_type(language: str, outcome: Outcome) -> None:
    for case_type in CaseType:
        assert problems_in(shipped(language, outcome.value), outcome, case_type, language) == ()


def keys(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path}
    return {found for key, below in value.items() for found in keys(below, f"{path}/{key}")}


def test_every_language_has_every_word() -> None:
    english = keys(phrases("en"))
    verdicts = {f"/equivalence/{name}" for name in ("equivalent", "not_equivalent", "not_enough_evidence")}
    assert {code: keys(phrases(code)) for code in LANGUAGES} == {"en": english, "de": english | verdicts}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{{ letter.part.efective_on }}", ["“letter.part.efective_on” is not known. Did you mean “effective_on”?"]),
        ("{{ leter.candidate }}", ["“leter” is not known. Did you mean “letter”?"]),
        (
            "{% for x in letter.part.expectations %}{{ x.txt }}{% endfor %}",
            ["“x.txt” is not known. Did you mean “text”?"],
        ),
        ("{% if letter.never.mind %}{% endif %}", ["“letter.never” is not known. Known here: format,"]),
        ("<script>1</script>", ["<script> is not allowed here."]),
        ("<p onclick='x'>1</p>", ['onclick="x" is not allowed. Leave it out.']),
        ("<p data-hx-get='/'>1</p>", ['data-hx-get="/" is not allowed. Leave it out.']),
        ("<p>open", ["<p> is not closed. Write </p> where it ends."]),
        ("{{ letter | safe }}", ["There is no filter “safe” for letters."]),
        ("{{ letter.candidate.format(1) }}", ["“Call” is not for letters."]),
        ("{{ 'a' * 9999999999 }}", ["“Mul” is not for letters."]),
        ("{% set x = 1 %}", ["“Assign” is not for letters."]),
        ("{% include 'letter' %}", ["“Include” is not for letters."]),
        ("{{ letter.candidate.__class__ }}", ["“letter.candidate.__class__” is not known"]),
        ("{% import '/etc/passwd' as x %}", ["“Import” is not for letters."]),
        ("{% extends '/etc/passwd' %}", ["A template cannot take another frame."]),
        ("{% macro m() %}{{ m() }}{% endmacro %}", ["“Macro” is not for letters."]),
        ("{% for x in range(10 ** 9) %}{% endfor %}", ["“Pow” is not for letters.", "“Call” is not for letters."]),
        ("{{ letter['__class__']['__mro__'] }}", ["“letter.__class__” is not known"]),
        ("{{ letter.candidate | attr('__class__') }}", ["There is no filter “attr” for letters."]),
        ("{{ letter.candidate | replace('a', 'aaaa') }}", ["There is no filter “replace” for letters."]),
        ("{{ self.__init__.__globals__ }}", ["“self” is not known."]),
        ("{{ lipsum.__globals__ }}", ["“lipsum” is not known."]),
        ("{{ range(9) }}", ["“Call” is not for letters.", "“range” is not known."]),
    ],
)
def test_what_is_not_for_letters_is_named_with_its_line_and_a_remedy(line: str, says: list[str]) -> None:
    found = rules(within(line))
    for sentence in says:
        assert any(p.startswith("Line 3: ") and sentence in p for p in found), found


def test_what_stands_outside_or_is_missing_is_named() -> None:
    assert rules("{% block headline %}H{% endblock %}\nstray") == [
        "Line 1: The block “opening” is missing. Write {% block opening %}…{% endblock %}.",
        "Line 2: “stray” stands outside of the blocks. Nobody sees it.",
    ]
    (syntax,) = rules("{% block headline %}")
    assert syntax.startswith("Line 1: ")


def test_a_field_that_may_be_missing_has_to_be_asked_for_first() -> None:
    (found,) = rules(within("<p>{{ letter.strongest.claim }}</p>"))
    assert found.startswith("Line 3: It cannot be filled:")
    assert rules(within("<p>{% if letter.strongest %}{{ letter.strongest.claim }}{% endif %}</p>")) == []


def test_a_not_yet_never_speaks_of_money_or_places() -> None:
    assert rules(within("<p>The budget was short.</p>"), Outcome.NOT_YET) == [
        "Line 3: “budget” is not for this outcome. Money and places are no reason; leave it out."
    ]
    assert rules(within("<p>The budget was short.</p>"), Outcome.DEFERRED) == []
    for language in LANGUAGES:
        for outcome in (Outcome.NOT_YET, Outcome.DECLINED):
            assert money_words(shipped(language, outcome.value), language) == []


def place(world: World, case_type: str = "any", language: str = "en") -> queries.TemplatePlace:
    found = queries.template_place(world.s, language=language, outcome="approved", case_type=case_type)
    assert found is not None
    return found


def saved(world: World, text: str = GOOD, **where: str) -> LetterTemplate:
    there = place(world, **where)
    return save_template(
        world.s, place=there, actor=world.pia, text=text, reason="Warmer.", version=there.written, at=NOW
    )


def test_a_letter_keeps_the_version_it_was_prepared_with(world: World, storage: Storage) -> None:
    decision = confirmed(world)
    first = saved(world)
    letter = prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    assert (letter.template, letter.data["template"]) == (first, {"version": 1, "sha256": first.sha256})
    pdf = render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE)
    assert "Well done: Staff Engineer" in text_of(pdf)
    saved(world, GOOD.replace("Well done", "Congratulations"))
    assert render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE) == pdf


def test_the_text_that_ships_becomes_a_version_when_it_is_first_used(world: World) -> None:
    first, second = prepared(world, "ada"), prepared(world, "mona")
    assert first.template is second.template
    assert first.template is not None
    assert (first.template.number, first.template.made_by_id) == (1, None)
    assert first.template.text == shipped("en", "approved")


def test_one_written_for_the_type_goes_before_one_for_all(world: World) -> None:
    saved(world)
    own = saved(world, GOOD.replace("Well done", "Promoted"), case_type="promotion")
    assert prepared(world, "ada").template is own


def test_a_letter_is_in_the_candidates_language_where_there_is_one(world: World, storage: Storage) -> None:
    world.ada.locale = "de_CH"
    letter = prepared(world, "ada", Outcome.NOT_YET)
    text = text_of(render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE))
    for words in (
        "Ihre Beförderung in die Position Staff Engineer ist noch nicht bewilligt",
        "Dies ist unverzichtbar; Stärken an anderer Stelle gleichen es nicht aus.",
        "Dafür stimmte 1 Mitglied, dagegen 1; 1 Mitglied enthielt sich.",
        "Beförderung, Engineering, Spring 2026 Bisher: Senior Engineer (Individual contributor, Stufe 3, Established)",
        "bis zum Ablauf des 6. April 2026",
        "unter dem Maßstab",
    ):
        assert words in text
    assert [language_of(locale) for locale in ("de", "de-AT", "fr", "en_US")] == ["de", "de", "en", "en"]


def test_a_broken_template_is_never_kept(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        saved(world, GOOD.replace("letter.candidate", "letter.candidat"))
    assert refused.value.problems == ("Line 3: “letter.candidat” is not known. Did you mean “candidate”?",)
    assert place(world).versions == ()


def test_one_that_was_broken_all_the_same_stops_at_its_letter(world: World) -> None:
    decision = confirmed(world)
    kept = LetterTemplate(
        outcome="approved",
        language="en",
        number=1,
        text=within("<p>{{ letter.part.gone }}</p>"),
        sha256="0" * 64,
        made_by_id=world.pia.id,
        made_at=NOW,
    )
    world.s.add(kept)
    world.s.flush()
    with pytest.raises(DisagreesWithRecord) as refused:
        prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    (why,) = refused.value.problems
    assert why.startswith("Its template, approved in en, version 1: Line 3: It cannot be filled:")
    assert decision.letter is None


def test_a_version_never_changes(world: World) -> None:
    kept = saved(world)
    kept.text = "other"
    with pytest.raises(RuntimeError, match="never changes"):
        world.s.flush()


def test_two_people_at_once_lose_nothing(world: World) -> None:
    there = place(world)
    saved(world)
    with pytest.raises(StaleVersion) as stale:
        save_template(world.s, place=place(world), actor=world.theo, text="mine", reason="r", version=0, at=NOW)
    assert (there.number, stale.value.version, stale.value.mine) == (0, 1, {"Template": "mine"})


def test_a_letter_prepared_while_somebody_writes_is_nobodys_change(world: World) -> None:
    read = place(world).written
    prepared(world)
    assert place(world).number == 1
    made = save_template(world.s, place=place(world), actor=world.pia, text=GOOD, reason="r", version=read, at=NOW)
    assert made.number == 2


def test_only_people_partners_reach_the_templates(world: World, client) -> None:
    for address in ("/letters/templates", URL):
        found = {k for k, p in world.everyone.items() if client(p).get(address).status_code == 200}
        assert found == {"pia", "theo"} == {k for k, p in world.everyone.items() if policy.can_edit_templates(p)}
    for unknown in ("/letters/templates/fr/approved/any", "/letters/templates/en/maybe/any"):
        assert client(world.pia).get(unknown).status_code == 404


def test_a_version_is_saved_in_the_browser_and_stands_in_the_list(world: World, client) -> None:
    pia = client(world.pia)
    sent = {"text": GOOD, "reason": "Warmer.", "version": "0"}
    assert pia.post(URL, data=sent).status_code == 303
    page_ = pia.get("/letters/templates").text
    assert "version 1" in page_
    assert "Warmer." in pia.get(URL).text
    world.s.rollback()
    acts = world.s.scalars(select(AuditEvent.action).where(AuditEvent.action == "letter_template_saved")).all()
    assert acts == ["letter_template_saved"]


def test_a_refused_text_comes_back_with_what_is_wrong(world: World, client) -> None:
    answer = client(world.pia).post(URL, data={"text": within("{{ letter.nam }}"), "reason": "r", "version": "0"})
    assert answer.status_code == 422
    assert "{{ letter.nam }}" in answer.text
    assert "Line 3: “letter.nam” is not known." in answer.text


def test_the_preview_shows_a_real_case_and_notes_it_once(world: World, client, storage: Storage) -> None:
    case = ready(world, storage).case
    world.commit()
    pia = client(world.pia)
    sent = {"text": GOOD, "case": case.id}
    for _ in range(2):
        part = pia.post(f"{URL}/preview", data=sent, headers={"HX-Request": "true"}).text
        assert "Preview for Ada Marchetti" in part
        assert "Well done: Staff Engineer" in part
    world.s.rollback()
    reads = select(AuditEvent.thing).where(AuditEvent.action == "read", AuditEvent.actor_id == world.pia.id)
    assert world.s.scalars(reads).all() == [f"letter:{case.id}"]


def test_ones_own_or_a_conflicted_case_is_never_in_a_preview(world: World, client, storage: Storage) -> None:
    own = ready(world, storage, "theo").case
    world.commit()
    theo = client(world.theo)
    assert own.id not in theo.get(URL).text
    part = theo.post(f"{URL}/preview", data={"text": GOOD, "case": own.id}, headers={"HX-Request": "true"}).text
    assert "Preview for a made-up person" in part


def test_the_part_is_the_same_as_on_the_page(world: World, client) -> None:
    pia = client(world.pia)
    part = pia.post(f"{URL}/preview", data={"text": shipped("en", "approved")}, headers={"HX-Request": "true"}).text
    assert part.strip() in pia.get(URL).text


def test_looking_does_not_use_up_the_token_of_the_form(world: World, client) -> None:
    """A browser sends the pressed button's empty token first, and the form's own after it."""
    pia = client(world.pia)
    tokens = ["", "the-form-s-own"]
    assert pia.post(f"{URL}/preview", data={"text": GOOD, "idempotency_token": tokens}).status_code == 200
    sent = {"text": GOOD, "reason": "r", "version": "0", "idempotency_token": tokens[1]}
    assert pia.post(URL, data=sent).status_code == 303
    world.s.rollback()
    assert place(world).number == 1


def test_the_preview_comes_as_a_pdf_too(world: World, client) -> None:
    answer = client(world.pia).post(f"{URL}/preview.pdf", data={"text": GOOD})
    assert "Well done: Staff Engineer" in text_of(answer.data)
    assert client(world.pia).post(f"{URL}/preview.pdf", data={"text": "x"}).status_code == 409


def test_reasons_that_speak_of_money_stop_a_not_yet(world: World) -> None:
    with pytest.raises(InvalidInput, match="money and places are no reason"):
        confirmed(world, "ada", Outcome.NOT_YET, reasons="There is no budget this year.")
    decision = confirmed(world, "mona", Outcome.NOT_YET)
    decision.reasons = "There is no budget this year and no Planstelle."
    with pytest.raises(DisagreesWithRecord) as refused:
        prepare(world.s, decision=decision, actor=world.pia, at=NOW)
    remedy = "that is no reason for this outcome. Record a corrected decision that leaves it out."
    assert refused.value.problems == tuple(f"The letter says “{word}”; {remedy}" for word in ("budget", "planstelle"))


def test_the_sample_has_the_fields_of_a_real_letter(world: World) -> None:
    for who, outcome in (("ada", Outcome.APPROVED), ("mona", Outcome.NOT_YET), ("ivy", Outcome.DEFERRED)):
        real = prepared(world, who, outcome).data
        made_up = sample(outcome, CaseType.PROMOTION, "en")
        assert set(real) == set(made_up)
        assert set(real["part"]) == set(made_up["part"])


def test_a_letter_from_before_there_were_languages_is_still_set(world: World, storage: Storage, frozen_clock) -> None:
    letter = released(world, storage).decisions[-1].letter
    data = {key: value for key, value in letter.data.items() if key not in ("language", "template")}
    assert "Your promotion to Staff Engineer is approved" in page(data, data_sha256="0" * 64, base_url=BASE)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{% for c in letter.candidate %}x{% endfor %}", "“letter.candidate” is no list"),
        ("{% for c in 'aaaa' %}x{% endfor %}", "“…” is no list"),
        ("{{ letter.candidate | join('yyyy') }}", "“join” is for a list"),
        ("{{ letter.part.support | join('y') | join('z') }}", "“join” is for a list"),
        ("{{ letter.part.support | join('" + "y" * 21 + "') }}", "“join” is for a list"),
        ("{{ letter.part.support | join(', ', attribute='x') }}", "“join” is for a list"),
    ],
)
def test_no_template_fills_the_memory_or_counts_far(line: str, says: str) -> None:
    assert [says in problem for problem in rules(within(line), Outcome.NOT_YET)] == [True]


def test_loops_stand_in_one_other_and_no_deeper() -> None:
    one = "{% for a in letter.part.support %}x%s{% endfor %}".replace("%s", "%(more)s")
    two = one.replace("%(more)s", one)
    assert rules(within(two.replace("%(more)s", "")), Outcome.NOT_YET) == []
    three = rules(within(two.replace("%(more)s", one.replace("%(more)s", ""))), Outcome.NOT_YET)
    assert three == ["Line 3: Loops stand inside 2 others. Use fewer."]
