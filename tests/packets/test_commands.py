"""Writing a packet: what each verb keeps, and what it refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.cases.commands import return_for_evidence
from portal.domain.case_flow import State, StepBlocked
from portal.domain.packet import sections_for
from portal.domain.problems import InvalidInput, Refused, StaleVersion
from portal.models.audit import AuditEvent, digest
from portal.models.case import Case
from portal.models.outbox import OutboxRow
from portal.models.packet import Evidence, PacketSection, SelfAssessment
from portal.packets import commands, queries
from tests.world import NOW, World

LATER = NOW + timedelta(minutes=5)
ROW = {
    "claim": "Took the mail queue to four teams.",
    "contribution": "Wrote the plan.",
    "period": "2025",
    "link": "",
}


@pytest.fixture(autouse=True)
def _clock(frozen_clock) -> None:
    """The clock stands at NOW."""


def write(world: World, case: Case, code: str = "summary", version: int = 0, **texts: str) -> PacketSection:
    return commands.save_section(
        world.s, case=case, actor=case.candidate, code=code, texts=texts, version=version, at=NOW
    )


def add(world: World, case: Case, competency: str, **changed: str) -> Evidence:
    return commands.add_evidence(
        world.s, case=case, actor=case.candidate, competency_id=competency, at=NOW, **{**ROW, **changed}
    )


def actions(world: World) -> list[str]:
    return list(world.s.scalars(select(AuditEvent.action).order_by(AuditEvent.sequence.desc()).limit(3)))


def filled(world: World, candidate: str = "ada") -> Case:
    case = world.case(candidate)
    for section in sections_for(case.grade):
        write(world, case, section.code, **{f.code: f"Text of {f.label}." for f in section.fields})
    for competency in world.rubric(case).competencies:
        add(world, case, competency.id)
    return case


def test_a_section_keeps_the_texts_of_its_own_fields_and_ignores_all_others(world: World) -> None:
    row = write(world, world.case(), text="  I run the queue.\n", state="released", grade="7")
    assert (row.texts, row.saved_at, row.version) == ({"text": "I run the queue."}, NOW, 1)
    assert actions(world)[0] == "section_saved"


def test_a_field_that_was_not_sent_keeps_its_text(world: World) -> None:
    case = world.case()
    write(world, case, "result-1", changed="Half the pages.", how="In pairs.")
    row = write(world, case, "result-1", version=1, how="In threes.")
    assert row.texts == {"changed": "Half the pages.", "mattered": "", "contribution": "", "how": "In threes."}


def test_a_stale_save_is_refused_with_both_texts_of_what_differs(world: World) -> None:
    case = world.case()
    write(world, case, "result-1", changed="Same in both.", how="First tab.")
    write(world, case, "result-1", version=1, how="Second tab.")
    with pytest.raises(StaleVersion) as refused:
        write(world, case, "result-1", version=1, how="First tab, later.")
    assert (refused.value.mine, refused.value.theirs) == ({"How": "First tab, later."}, {"How": "Second tab."})
    assert refused.value.version == 2


def test_the_same_text_again_is_no_change_and_never_stale(world: World) -> None:
    case = world.case()
    write(world, case, text="Sent twice because the answer was lost.")
    before = actions(world)
    row = write(world, case, version=0, text="Sent twice because the answer was lost.")
    assert (row.version, actions(world)) == (1, before)


@pytest.mark.parametrize(("text", "said"), [("x" * 20_001, "20,001 characters"), ("a\x00b", "NUL")])
def test_a_text_that_cannot_be_kept_is_refused_by_name(world: World, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"Summary: .*{said}"):
        write(world, world.case(), text=text)


def test_there_is_no_scope_section_below_grade_four(world: World) -> None:
    case = world.case("sam")
    with pytest.raises(InvalidInput, match="no section “scope”"):
        write(world, case, "scope", text="Wide.")


def test_after_submission_the_draft_is_closed(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    row = world.s.scalars(select(Evidence).where(Evidence.case_id == case.id).order_by(Evidence.id)).first()
    assert row is not None
    with pytest.raises(Refused, match="submitted"):
        write(world, case, text="Late.", version=1)
    with pytest.raises(Refused, match="submitted"):
        add(world, case, row.competency_id)
    with pytest.raises(Refused, match="submitted"):
        commands.remove_evidence(world.s, case=case, evidence=row, actor=world.ada, at=NOW)
    with pytest.raises(Refused, match="submitted"):
        commands.assess_self(world.s, case=case, actor=world.ada, values={row.competency_id: 3}, at=NOW)
    with pytest.raises(Refused, match="submitted"):
        commands.share_draft(world.s, case=case, actor=world.ada, shared=True, at=NOW)


def test_evidence_is_added_changed_and_removed_on_record(world: World) -> None:
    case = world.case()
    first, second = (c.id for c in world.rubric(case).competencies[:2])
    row = add(world, case, first)
    changed = {**ROW, "claim": "Took it to five teams.", "link": "https://example.org/plan"}
    commands.change_evidence(
        world.s, case=case, evidence=row, actor=world.ada, competency_id=second, version=1, at=LATER, **changed
    )
    assert (row.competency_id, row.claim, row.link, row.version) == (second, changed["claim"], changed["link"], 2)
    commands.remove_evidence(world.s, case=case, evidence=row, actor=world.ada, at=LATER)
    assert queries.draft(world.s, case).evidence == []
    assert actions(world) == ["evidence_removed", "evidence_changed", "evidence_added"]


def test_a_stale_change_of_evidence_is_refused_with_both_texts(world: World) -> None:
    case = world.case()
    competency = world.rubric(case).competencies[0].id
    row = add(world, case, competency)
    change = {"case": case, "evidence": row, "actor": world.ada, "competency_id": competency, "at": LATER}
    commands.change_evidence(world.s, **change, version=1, **{**ROW, "claim": "Second tab."})
    with pytest.raises(StaleVersion) as refused:
        commands.change_evidence(world.s, **change, version=1, **{**ROW, "claim": "First tab."})
    assert (refused.value.mine, refused.value.theirs) == ({"Claim": "First tab."}, {"Claim": "Second tab."})
    same = commands.change_evidence(world.s, **change, version=1, **{**ROW, "claim": "Second tab."})
    assert same.version == 2


def test_evidence_somebody_removed_meanwhile_cannot_be_changed(world: World) -> None:
    case = world.case()
    competency = world.rubric(case).competencies[0].id
    row = add(world, case, competency)
    world.s.expunge(row)
    commands.remove_evidence(world.s, case=case, evidence=world.s.get_one(Evidence, row.id), actor=world.ada, at=NOW)
    with pytest.raises(Refused, match="removed"):
        commands.change_evidence(
            world.s, case=case, evidence=row, actor=world.ada, competency_id=competency, version=1, at=NOW, **ROW
        )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"claim": " "}, "Still empty: Claim"),
        ({"contribution": "", "period": ""}, "Still empty: My contribution, When"),
        ({"period": "x" * 61}, "When: 61 characters"),
        ({"link": "javascript:alert(1)"}, "https://"),
        ({"link": "https://two words"}, "https://"),
        ({"link": "http://[broken"}, "https://"),
    ],
)
def test_evidence_that_says_too_little_or_links_to_code_is_refused(world: World, changed: dict, said: str) -> None:
    case = world.case()
    with pytest.raises(InvalidInput, match=said):
        add(world, case, world.rubric(case).competencies[0].id, **changed)


def test_evidence_belongs_to_a_competency_of_the_target_level(world: World) -> None:
    with pytest.raises(InvalidInput, match="no competency “charm”"):
        add(world, world.case(), "charm")


def test_a_packet_holds_sixty_rows_of_evidence(world: World) -> None:
    case = world.case()
    competency = world.rubric(case).competencies[0].id
    world.s.add_all(Evidence(case_id=case.id, competency_id=competency, added_at=NOW, **ROW) for _ in range(60))
    world.s.flush()
    with pytest.raises(Refused, match="at most 60"):
        add(world, case, competency)


def test_a_self_assessment_can_be_given_changed_and_taken_back(world: World) -> None:
    case = world.case()
    first, second = (c.id for c in world.rubric(case).competencies[:2])
    commands.assess_self(world.s, case=case, actor=world.ada, values={first: 2, second: 3}, at=NOW)
    commands.assess_self(world.s, case=case, actor=world.ada, values={first: None}, at=LATER)
    rows = {r.competency_id: (r.value, r.saved_at) for r in world.s.scalars(select(SelfAssessment))}
    assert rows == {first: (None, LATER), second: (3, NOW)}
    before = actions(world)
    commands.assess_self(world.s, case=case, actor=world.ada, values={second: 3}, at=LATER)
    assert actions(world) == before
    assert queries.draft_content(world.s, case)["self_assessment"] == {second: 3}


@pytest.mark.parametrize(("values", "said"), [({"charm": 3}, "no competency"), ({"": 3}, "no competency")])
def test_a_self_assessment_outside_the_rubric_is_refused(world: World, values: dict, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        commands.assess_self(world.s, case=world.case(), actor=world.ada, values=values, at=NOW)


def test_a_self_assessment_off_the_scale_is_refused(world: World) -> None:
    case = world.case()
    with pytest.raises(InvalidInput, match="no point 9"):
        commands.assess_self(
            world.s, case=case, actor=world.ada, values={world.rubric(case).competencies[0].id: 9}, at=NOW
        )


def test_sharing_the_draft_is_a_logged_choice_that_can_be_taken_back(world: World) -> None:
    case = world.case()
    for shared in (True, True, False):
        commands.share_draft(world.s, case=case, actor=world.ada, shared=shared, at=NOW)
    assert case.shared_with_manager is False
    assert actions(world)[:2] == ["draft_unshared", "draft_shared"]


def test_submitting_freezes_what_was_written_and_names_the_committee(world: World) -> None:
    case = filled(world)
    content = queries.draft_content(world.s, case)
    snapshot = commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    assert (snapshot.number, snapshot.content, snapshot.content_hash) == (1, content, digest(content))
    assert (case.state, case.committee) == (State.SUBMITTED, world.committee)
    assert list(content) == ["sections", "evidence", "self_assessment"]
    assert list(content["sections"]) == ["summary", "result-1", "result-2", "result-3", "scope", "human-skills"]
    assert [row["competency"] for row in content["evidence"]] == [c.id for c in world.rubric(case).competencies]
    assert actions(world)[:2] == ["snapshot_taken", "case_submit"]


def test_the_manager_is_told_of_a_submission_with_a_link_only(world: World) -> None:
    case = filled(world)
    commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    row = world.s.scalars(select(OutboxRow)).one()
    assert row.payload == {
        "to": world.max.id,
        "template": "submitted",
        "values": {"path": f"/cases/{case.id}/statement"},
    }


def test_an_incomplete_packet_is_not_submitted_and_nothing_is_frozen(world: World) -> None:
    case = world.case()
    write(world, case, text="Only a summary.")
    with pytest.raises(StepBlocked) as blocked:
        commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    assert [r.code for r in blocked.value.reasons] == ["sections_missing", "evidence_missing"]
    assert (case.state, queries.last_number(world.s, case)) == (State.DRAFT, 0)


def test_a_second_submission_is_snapshot_two_and_leaves_the_first_as_it_was(world: World) -> None:
    case = world.case("ada", State.SUBMITTED)
    first = queries.latest_snapshot(world.s, case)
    assert first is not None
    before = dict(first.content)
    return_for_evidence(
        world.s, case=case, actor=world.pia, sections=["Summary"], reason="Name the team.", until=None, at=NOW
    )
    write(world, case, text="Now with the team's name.", version=1)
    second = commands.submit(world.s, case=case, actor=world.ada, at=NOW)
    assert (second.number, second.content["sections"]["summary"]) == (2, {"text": "Now with the team's name."})
    assert first.content == before
    assert [row.number for row in queries.snapshots(world.s, case)] == [2, 1]
