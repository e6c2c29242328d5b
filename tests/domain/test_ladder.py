"""What the portal may ask a ladder, and what it answers where nothing was declared."""

import pytest
from pydantic import ValidationError

from portal.domain.ladder import NotOnLadder
from tests.domain.ladder_sample import family, row


def ids(levels):
    return [level.id for level in levels]


def test_the_levels_of_a_track_run_from_the_lowest_grade_up():
    shuffled = family(lambda values: values["level"].reverse())
    assert ids(shuffled.levels_of("ic")) == ["i1", "i2", "i3", "i4", "i5"]


def test_levels_without_a_grade_come_last_in_the_order_of_the_file():
    ladder = family(lambda values: [row(values, "level", id=level).pop("grade") for level in ("i1", "i4")])
    assert ids(ladder.levels_of("ic")) == ["i2", "i3", "i5", "i1", "i4"]


def test_the_next_level_is_one_grade_up_on_the_same_track():
    ladder = family()
    assert ladder.next_level("i3") == ladder.level("i4")
    assert ladder.next_level("m3") == ladder.level("m4")


def test_the_top_and_the_ungraded_have_no_next_level():
    ladder = family()
    assert ladder.next_level("i5") is None
    assert ladder.next_level("advisor") is None


def test_the_next_level_skips_a_level_at_the_same_grade():
    ladder = family(lambda values: row(values, "level", id="i4").update(grade=3))
    assert ladder.next_level("i3") == ladder.level("i5")


def test_the_levels_at_a_grade_are_of_every_track():
    assert ids(family(lead=True).levels_at(4)) == ["i4", "m4", "t4"]


def test_the_grades_are_those_with_levels():
    assert family().grades() == (1, 2, 3, 4, 5, 6)


def test_equal_grades_on_two_tracks_declare_peers():
    ladder = family()
    assert ladder.peer_status("i4", "m4") == "declared"
    assert ids(ladder.peers("m5")) == ["i5"]


def test_unequal_grades_declare_that_two_levels_are_not_peers():
    assert family().peer_status("i3", "m4") == "not_peers"


def test_a_missing_grade_leaves_peers_undeclared():
    ladder = family(lambda values: row(values, "level", id="m5").pop("grade"))
    assert ladder.peer_status("i5", "m5") == "undeclared"
    assert ladder.peers("m5") == ()


def test_an_adopted_claim_declares_peers_where_a_grade_is_missing():
    ladder = family(lambda values: row(values, "level", id="m4").pop("grade"))
    assert ladder.peer_status("m4", "i4") == "declared"


def test_a_disputed_claim_declares_nothing():
    def dispute(values):
        row(values, "level", id="m4").pop("grade")
        values["peer_claim"][0]["status"] = "disputed"

    assert family(dispute).peer_status("m4", "i4") == "undeclared"


def test_a_claim_not_peers_speaks_before_equal_grades():
    ladder = family(lambda values: values["peer_claim"][0].update(status="not-peers"))
    assert ladder.peer_status("i4", "m4") == "not_peers"


def test_one_track_and_an_advisor_have_no_peers():
    ladder = family()
    assert ladder.peer_status("i4", "i4") == "not_peers"
    assert ladder.peer_status("advisor", "m4") == "not_peers"


def test_a_bar_is_found_for_each_level_it_applies_to():
    ladder = family(lambda values: values["bar"][0].update(applies_to=["i3", "i4"]))
    assert ladder.bar_for("i3") == ladder.bar_for("i4") == ladder.bars[0]
    assert ladder.bar_for("i5") is None


def test_what_was_not_written_is_none():
    ladder = family(lambda values: values.update(expectation=[], band=[]))
    assert ladder.expectation("depth", "i3") is None
    assert ladder.band("i3") is None


def test_the_switches_from_a_level_are_those_that_leave_it():
    assert [(switch.from_level, switch.to_level) for switch in family(lead=True).switches_from("m4")] == [
        ("m4", "i4"),
        ("m4", "t4"),
    ]


@pytest.mark.parametrize("ask", ["level", "track", "competency", "next_level", "rubric", "peers", "track_of"])
def test_an_unknown_id_is_refused_by_name(ask):
    with pytest.raises(NotOnLadder, match=r'the ladder "eng" has no .* "nowhere"'):
        getattr(family(), ask)("nowhere")


def test_a_rubric_holds_what_a_case_is_scored_on():
    ladder = family()
    rubric = ladder.rubric("m4")
    assert (rubric.family_id, rubric.family_name, rubric.grade) == ("eng", "Engineering", 4)
    assert (rubric.level, rubric.track, rubric.bar) == (ladder.level("m4"), ladder.track("em"), ladder.bar_for("m4"))
    assert (rubric.scale, rubric.pillars) == (ladder.org.scale, ladder.org.pillars)
    assert [line.id for line in rubric.competencies] == ["team-results", "aim", "running", "careers", "climate"]


def test_a_line_of_a_rubric_holds_pillar_expectation_and_must_have():
    ladder = family()
    line = ladder.rubric("m4").competency("running")
    assert (line.name, line.kind, line.weight, line.must_have) == ("Running people", "people-management", 20, 3)
    assert line.pillar == ladder.org.pillar("craft")
    assert line.expectation == ladder.expectation("running", "m4")
    assert ladder.rubric("m4").competency("careers").must_have is None


def test_a_rubric_refuses_a_competency_of_another_track():
    with pytest.raises(NotOnLadder, match='no competency for the level "m4": "depth"'):
        family().rubric("m4").competency("depth")


def test_a_pillar_no_one_declared_stands_under_its_own_id():
    ladder = family(lambda values: row(values, "competency", id="depth").update(pillar="mystery"))
    assert ladder.rubric("i3").competency("depth").pillar.name == "mystery"


def test_a_rubric_without_a_bar_has_no_must_haves():
    rubric = family(lambda values: values.update(bar=[])).rubric("i3")
    assert rubric.bar is None
    assert {line.must_have for line in rubric.competencies} == {None}


def test_an_advisor_has_a_rubric_without_grade_or_competencies():
    rubric = family().rubric("advisor")
    assert (rubric.grade, rubric.competencies) == (None, ())


def test_a_ladder_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        family().level("i3").grade = 4


def test_the_organisation_answers_by_id_and_rank():
    org = family().org
    assert org.grade(3) == org.grades[2]
    assert org.pillar("growth") == org.pillars[3]
    assert org.axis("reach") == org.axes[0]
    assert (org.grade(9), org.pillar("none"), org.axis("none")) == (None, None, None)


def test_the_scale_answers_by_value_and_in_order():
    scale = family(org=lambda values: values["scale"]["points"].reverse()).org.scale
    assert scale.values == (0, 1, 2, 3, 4)
    assert scale.point(3).name == "Point 3"
    assert scale.point(2.5) is None


def test_the_policy_has_the_agreed_defaults():
    assert family().org.policy.model_dump() == {
        "pay_tolerance": 0.05,
        "stringency_warn": 1.5,
        "stringency_error": 3,
        "near_duplicate": 0.6,
        "sustained_months": 6,
        "min_reviewers": 3,
        "appeal_days": 15,
        "appeal_panel": 3,
        "quorum": 0.67,
        "majority": 0.5,
        "margin": 0.5,
        "prior_bar_mean": 3,
        "prior_bar_sd": 1,
        "prior_log_slope_mean": 1.79,
        "prior_log_slope_sd": 0.8,
        "deferred_cycles": 2,
        "tie": "not_approved",
        "calendar": "none",
        "manager_brief": "none",
        "manager_brief_hours": 24,
        "time_in_level_months": None,
        "remind_days": (7, 2),
        "escalate_days": 3,
        "referee_days": 14,
        "statement_days": 7,
    }
