"""Letters of the types beside the promotion: what they say, and that the record holds them like any other."""

import pytest

from portal.adapters.storage import Storage
from portal.domain.case_types import CaseType, Outcome
from portal.letters.checks import problems_of
from portal.letters.queries import sources_of
from portal.letters.samples import sample
from portal.letters.typesetting import page
from portal.models.audit import digest
from portal.models.letter import Letter
from tests.letters.stages import BASE, prepared, ready
from tests.world import World

T, R = CaseType, Outcome
KINDS = [
    ("ada", R.APPROVED_ON_TRIAL, T.SWITCH, None),
    ("mona", R.APPROVED_ON_TRIAL, T.SWITCH, None),
    ("ada", R.DECLINED, T.SWITCH, None),
    ("ron", R.APPROVED, T.STEP_DOWN, "senior"),
    ("ron", R.DECLINED, T.STEP_DOWN, "senior"),
    ("ada", R.APPROVED, T.CONFIRMATION, None),
    ("ada", R.NOT_YET, T.CONFIRMATION, None),
]


def letter(world: World, who: str, outcome: Outcome, case_type: CaseType, to: str | None) -> Letter:
    return prepared(world, who, outcome, case_type=case_type, to=to)


def html(found: Letter) -> str:
    return " ".join(page(found.data, data_sha256=found.data_sha256, base_url=BASE).replace("&nbsp;", " ").split())


@pytest.mark.parametrize(("who", "outcome", "case_type", "to"), KINDS)
def test_a_letter_of_each_type_agrees_with_the_record(
    world: World, who: str, outcome: Outcome, case_type: CaseType, to: str | None
) -> None:
    found = letter(world, who, outcome, case_type, to)
    sources = sources_of(world.s, found.decision)
    assert problems_of(found.data, digest(found.data), sources, forbidden_names=[]) == ()
    assert "promotion" not in html(found).lower()


def test_a_switch_says_that_grade_and_band_stay_its_days_and_the_way_home(world: World) -> None:
    text = html(letter(world, "ada", R.APPROVED_ON_TRIAL, T.SWITCH, None))
    for words in (
        "<h1>Your switch to Engineering Manager is approved on trial</h1>",
        "Your grade and your band stay unchanged: grade 3 (Established) on both tracks.",
        "The trial runs from <strong>1 May 2026</strong> to <strong>31 October 2026</strong>.",
        "You may go back to Senior Engineer until the end of <strong>30 April 2027</strong>",
        "was not scored again: Outcomes, Direction, Human skills.",
    ):
        assert words in text


def test_a_declined_switch_names_only_clauses_of_what_was_scored(world: World) -> None:
    found = letter(world, "ada", R.DECLINED, T.SWITCH, None)
    titles = {clause["title"] for clause in found.data["part"]["clauses"]}
    scored = {"Running people well", "Building careers", "Technical judgement kept honest"}
    assert titles <= {"The evidence as a whole", *scored}
    text = html(found)
    assert "You stay Senior Engineer: your level, grade and band do not change" in text
    assert {row["pillar"] for row in found.data["results"]} == {"Craft of the role", "Growing others"}


def test_where_nothing_was_scored_the_letter_shows_no_bar(world: World) -> None:
    text = html(letter(world, "ron", R.APPROVED, T.STEP_DOWN, "senior"))
    assert "<h1>Your step to Senior Engineer is approved</h1>" in text
    assert "How your case stood against the bar" not in text
    assert "The same bar" not in text
    assert "What the first six months will ask of you" in text


def test_a_confirmed_level_and_one_not_yet(world: World) -> None:
    assert "Your level Senior Engineer is confirmed" in html(letter(world, "ada", R.APPROVED, T.CONFIRMATION, None))
    world.s.rollback()
    text = html(letter(world, "ada", R.NOT_YET, T.CONFIRMATION, None))
    assert "Your level Senior Engineer is not confirmed yet" in text


def test_other_days_than_the_ladders_are_found(world: World) -> None:
    found = letter(world, "ada", R.APPROVED_ON_TRIAL, T.SWITCH, None)
    data = {**found.data, "part": {**found.data["part"], "trial": {"starts_on": "2026-05-01"}}}
    problems = problems_of(data, digest(data), sources_of(world.s, found.decision), forbidden_names=[])
    assert problems == (
        "The days of the trial are not those the ladder gives from the decision's day. Prepare the letter again.",
    )


def test_a_letter_about_another_type_is_found(world: World) -> None:
    found = letter(world, "ada", R.APPROVED_ON_TRIAL, T.SWITCH, None)
    data = {**found.data, "case": {**found.data["case"], "type": "promotion"}}
    problems = problems_of(data, digest(data), sources_of(world.s, found.decision), forbidden_names=[])
    assert problems == ("The letter is about a promotion, the case is a switch. Prepare the letter again.",)


@pytest.mark.parametrize(("who", "outcome", "case_type", "to"), [KINDS[0], KINDS[2], KINDS[3]])
def test_its_page_shows_the_same(
    world: World, client, tmp_path, who: str, outcome: Outcome, case_type: CaseType, to: str | None
) -> None:
    storage = Storage.from_url(f"file://{tmp_path}/letters")
    case = ready(world, storage, who, outcome, case_type=case_type, to=to).case
    world.commit()
    text = client(world.pia).get(f"/cases/{case.id}/letter").text
    assert ("Your trial and the way home" in text) is (outcome is R.APPROVED_ON_TRIAL)
    assert ("How the case stood against the bar" in text) is (case_type is T.SWITCH)
    assert ("What the bar asks that was not shown" in text) is (outcome is R.DECLINED)


@pytest.mark.parametrize(
    ("language", "kind", "says"),
    [
        ("en", T.SWITCH, "Your switch to Staff Engineer is approved"),
        ("en", T.TO_ADVISOR, "As an advisor you have no grade and no band; a contract takes their place."),
        ("en", T.FROM_ADVISOR, "You take grade 4 (Leading) and its band."),
        ("de", T.SWITCH, "Ihr Wechsel in die Position Staff Engineer ist bewilligt"),
        ("de", T.TO_ADVISOR, "In der beratenden Rolle haben Sie weder Stufe noch Gehaltsband"),
        ("de", T.FROM_ADVISOR, "Sie erhalten Stufe 4 (Leading) und das zugehörige Gehaltsband."),
    ],
)
def test_a_move_on_a_path_without_a_trial_is_no_promotion(language: str, kind: CaseType, says: str) -> None:
    data = sample(R.APPROVED, kind, language)
    text = " ".join(page(data, data_sha256="0" * 64, base_url=BASE).replace("&nbsp;", " ").split())
    assert says in text
    assert "promotion" not in text.lower()
    assert "Beförderung" not in text


def test_a_step_that_was_not_scored_names_no_support_towards_a_bar(world: World) -> None:
    declined = letter(world, "ron", R.DECLINED, T.STEP_DOWN, "senior")
    assert declined.data["part"] == {"clauses": [], "earliest": None, "support": []}


COUNTS = {
    "en": (
        (0, 3, 0, "Nobody voted for it, 3 against."),
        (1, 0, 1, "1 member voted for it, none against; 1 abstained."),
        (4, 1, 2, "4 members voted for it, 1 against; 2 abstained."),
    ),
    "de": (
        (0, 3, 0, "Dafür stimmte niemand, dagegen 3."),
        (1, 0, 1, "Dafür stimmte 1 Mitglied, dagegen niemand; 1 Mitglied enthielt sich."),
        (4, 1, 2, "Dafür stimmten 4 Mitglieder, dagegen 1; 2 Mitglieder enthielten sich."),
    ),
}


@pytest.mark.parametrize("language", COUNTS)
def test_a_vote_of_any_size_is_a_sentence(language: str) -> None:
    data = sample(R.NOT_YET, T.PROMOTION, language)
    for for_, against, abstain, says in COUNTS[language]:
        tally = {"for": for_, "against": against, "abstain": abstain, "absent": 0, "recused": 0}
        text = " ".join(page(data | {"tally": tally}, data_sha256="0" * 64, base_url=BASE).split())
        assert f"<p>{says} " in text
