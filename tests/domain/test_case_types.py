"""Which case of which type can be opened from which level to which on the ladders that ship, and what is scored."""

import tomllib
from itertools import product
from pathlib import Path

import pytest

from portal.domain.case_types import (
    AT_ONCE,
    COMPARED,
    KINDS,
    CaseType,
    Opener,
    Outcome,
    carried_over,
    grade_of,
    outcomes_of,
    path,
    rubric_for,
    targets,
    why_not,
)
from portal.domain.ladder import Family
from portal.domain.packet import asks_referees, sections_for
from portal.domain.rubric_files import read_family, read_folder, read_org
from portal.settings import ROOT

LIBRARY = read_folder(ROOT / "rubrics")
FAMILIES = sorted(LIBRARY.families)
T = CaseType


def family(name: str) -> Family:
    return LIBRARY.families[name]


def written(name: str) -> dict:
    """The file as it stands, read without the ladder's own code."""
    return tomllib.loads(Path(ROOT / "rubrics" / f"{name}.toml").read_text())


def allowed(name: str) -> set[tuple[CaseType, str, str]]:
    """Every (type, own level, target level) that the file allows, worked out from its tables alone."""
    file = written(name)
    kinds = {track["id"]: track["kind"] for track in file["track"]}
    levels = {level["id"]: level for level in file["level"]}
    found = set()
    for own, target in product(levels.values(), levels.values()):
        same = own["track"] == target["track"]
        a, b = own.get("grade"), target.get("grade")
        if same and a is not None and b == a + 1:
            found |= {(t, own["id"], target["id"]) for t in (T.PROMOTION, T.OFF_CYCLE, T.RESUBMISSION)}
        if same and a is not None and b is not None and b < a:
            found.add((T.STEP_DOWN, own["id"], target["id"]))
        if own is target and a is not None:
            found.add((T.CONFIRMATION, own["id"], own["id"]))
    for switch in file.get("switch", []):
        ends = [kinds[levels[switch[end]]["track"]] for end in ("from", "to")]
        kind = T.TO_ADVISOR if ends[1] == "advisor" else T.FROM_ADVISOR if ends[0] == "advisor" else T.SWITCH
        found.add((kind, switch["from"], switch["to"]))
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_exactly_what_the_ladder_allows_can_be_opened(name: str) -> None:
    ids = [level.id for level in family(name).levels]
    opens = {t for t in product(T, ids, ids) if why_not(family(name), *t) == ""}
    assert opens == allowed(name)
    offered = {(t, own, level.id) for t, own in product(T, ids) for level in targets(family(name), t, own)}
    assert offered == opens


@pytest.mark.parametrize("name", FAMILIES)
def test_every_refusal_is_a_sentence(name: str) -> None:
    ids = [level.id for level in family(name).levels]
    refusals = {why_not(family(name), *t) for t in product(T, ids, ids)} - {""}
    assert all(text[0].isupper() and text.endswith(".") for text in refusals)


@pytest.mark.parametrize("case_type", [T.PROMOTION, T.SWITCH, T.OFF_CYCLE, T.RESUBMISSION])
def test_a_switch_and_a_promotion_at_once_are_two_cases(case_type: CaseType) -> None:
    assert why_not(family("engineering"), case_type, "senior", "sem") == AT_ONCE


def test_a_switch_the_ladder_does_not_have_is_refused_with_those_it_has() -> None:
    assert why_not(family("engineering"), T.SWITCH, "senior", "staff") == (
        "The ladder “Engineering” has no such way from Senior Engineer to Staff Engineer. "
        "From Senior Engineer it has: Engineering Manager."
    )
    assert why_not(family("engineering"), T.SWITCH, "se1", "em") == AT_ONCE
    assert why_not(family("product"), T.SWITCH, "vp-pm", "gpm").endswith("it has none of this kind.")


def test_a_level_too_far_names_the_next_one() -> None:
    assert why_not(family("engineering"), T.PROMOTION, "senior", "principal") == (
        "A promotion is to the next level on the same track: from Senior Engineer to Staff Engineer."
    )
    assert (
        why_not(family("engineering"), T.PROMOTION, "cto", "em")
        == "There is no level above Chief Technology Officer on this track."
    )


def test_a_smaller_role_is_smaller_and_on_the_same_track() -> None:
    assert why_not(family("engineering"), T.STEP_DOWN, "sem", "senior").startswith("A smaller role is one on the same")
    assert why_not(family("engineering"), T.STEP_DOWN, "em", "em") == (
        "Engineering Manager is not a smaller role than Engineering Manager."
    )
    assert why_not(family("product"), T.STEP_DOWN, "advisor", "advisor").startswith("Levels without a grade")


def test_an_advisor_has_no_level_to_be_confirmed_on() -> None:
    assert "no grade or no rubric" in why_not(family("product"), T.CONFIRMATION, "advisor", "advisor")
    assert why_not(family("product"), T.CONFIRMATION, "pm", "apm").startswith("A confirmation is of the level")


def changed(text: str) -> Family:
    org = read_org(LIBRARY.org_text, "org.toml")
    return read_family(org, text, "engineering.toml")


def test_a_path_between_unequal_grades_is_no_switch() -> None:
    text = LIBRARY.texts["engineering"] + (
        '\n[[switch]]\nfrom = "principal"\nto = "sem"\ntrial_months = 6\nreturn_months = 12\n'
        'carries = ["outcomes"]\nassesses = ["craft"]\n'
    )
    assert why_not(changed(text), T.SWITCH, "principal", "sem").startswith("A switch keeps the grade")


def test_where_neither_end_has_a_grade_nobody_could_decide() -> None:
    text = LIBRARY.texts["product"].replace(
        'title = "Senior Director of Product"\ngrade = 6', 'title = "Senior Director of Product"'
    )
    org = read_org(LIBRARY.org_text, "org.toml")
    ungraded = read_family(org, text, "product.toml")
    assert ungraded.level("senior-director-pm").grade is None
    assert why_not(ungraded, T.TO_ADVISOR, "senior-director-pm", "advisor").startswith("Neither ")


@pytest.mark.parametrize("name", FAMILIES)
def test_a_switch_is_scored_on_what_its_path_assesses_and_on_nothing_else(name: str) -> None:
    ladder = family(name)
    for switch in written(name).get("switch", []):
        own, to = switch["from"], switch["to"]
        case_type = next(t for t in (T.SWITCH, T.TO_ADVISOR, T.FROM_ADVISOR) if path(ladder, t, own, to))
        rubric = rubric_for(ladder, case_type, own, to)
        assert {line.pillar.id for line in rubric.competencies} == set(switch["assesses"])
        assert [c.pillar.id for c in carried_over(ladder, case_type, own, to)] == [
            p.id for p in ladder.org.pillars if p.id in switch["carries"]
        ]
        kept = {line.id for line in rubric.competencies}
        assert {m.competency for m in rubric.bar.must_have} <= kept if rubric.bar else not kept or to == "advisor"


def test_carried_pillars_name_what_showed_them() -> None:
    found = carried_over(family("engineering"), T.SWITCH, "senior", "em")
    assert [(c.pillar.id, [line.name for line in c.lines]) for c in found] == [
        ("outcomes", ["Ships what matters"]),
        ("direction", ["Technical direction"]),
        ("conduct", ["Influence without authority", "Self-knowledge"]),
    ]
    assert carried_over(family("engineering"), T.PROMOTION, "senior", "staff") == ()


def test_nothing_is_scored_on_the_way_down_or_into_a_contract() -> None:
    for case_type, own, to in ((T.STEP_DOWN, "senior-pm", "pm"), (T.TO_ADVISOR, "director-pm", "advisor")):
        rubric = rubric_for(family("product"), case_type, own, to)
        assert (rubric.competencies, rubric.bar) == ((), None)


def test_other_types_are_scored_on_the_whole_level() -> None:
    ladder = family("engineering")
    assert rubric_for(ladder, T.OFF_CYCLE, "senior", "staff") == ladder.rubric("staff")
    assert rubric_for(ladder, T.CONFIRMATION, "staff", "staff") == ladder.rubric("staff")


def test_the_committee_of_an_advisor_to_be_is_that_of_the_level_left() -> None:
    ladder = family("product")
    assert grade_of(ladder.level("director-pm"), ladder.level("advisor")) == 5
    assert grade_of(ladder.level("advisor"), ladder.level("director-pm")) == 5


def test_a_ballot_allows_the_outcomes_of_its_type() -> None:
    found = {t: (outcomes_of(t, carried=True), outcomes_of(t, carried=False)) for t in T}
    promoted = ((Outcome.APPROVED, Outcome.DEFERRED), (Outcome.NOT_YET,))
    tried = ((Outcome.APPROVED_ON_TRIAL,), (Outcome.DECLINED,))
    assert found == {
        T.PROMOTION: promoted,
        T.OFF_CYCLE: promoted,
        T.RESUBMISSION: promoted,
        T.SWITCH: tried,
        T.TO_ADVISOR: tried,
        T.FROM_ADVISOR: tried,
        T.STEP_DOWN: ((Outcome.APPROVED,), (Outcome.DECLINED,)),
        T.CONFIRMATION: ((Outcome.APPROVED,), (Outcome.NOT_YET,)),
    }
    assert outcomes_of(T.SWITCH, carried=True, tried=False) == (Outcome.APPROVED,)


def test_only_steps_up_say_where_the_bar_lies() -> None:
    assert {T.PROMOTION, T.OFF_CYCLE, T.RESUBMISSION} == COMPARED


def test_nobody_asks_for_a_smaller_role_on_anothers_behalf() -> None:
    assert [t for t in T if KINDS[t].opener is Opener.PERSON] == [T.STEP_DOWN]
    assert [t for t in T if KINDS[t].opener is Opener.PEOPLE_PARTNER] == [T.OFF_CYCLE, T.CONFIRMATION]


def test_each_type_asks_for_its_own_sections() -> None:
    upward = ["summary", "result-1", "result-2", "result-3", "scope", "human-skills"]
    across = ["motivation", "carries-over", "trial-plan"]
    assert {t: [s.code for s in sections_for(4, t)] for t in T} == {
        T.PROMOTION: upward,
        T.OFF_CYCLE: upward,
        T.RESUBMISSION: ["since", *upward],
        T.CONFIRMATION: [c for c in upward if c != "scope"],
        T.SWITCH: across,
        T.TO_ADVISOR: across,
        T.FROM_ADVISOR: across,
        T.STEP_DOWN: ["motivation", "handover"],
    }
    assert [t for t in T if not asks_referees(t)] == [T.SWITCH, T.STEP_DOWN, T.TO_ADVISOR, T.FROM_ADVISOR]
