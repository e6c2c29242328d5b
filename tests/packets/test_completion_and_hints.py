"""What is missing, by name; and what a careful reader would ask."""

import pytest

from portal.domain.packet import sections_for
from portal.packets.completion import completion, empty_fields
from portal.packets.hints import style_hints, word_count
from tests.world import World

SUMMARY = sections_for(4)[0]
RESULT = sections_for(4)[1]


def written(grade: int) -> dict[str, dict[str, str]]:
    return {s.code: {f.code: "Something." for f in s.fields} for s in sections_for(grade)}


def test_a_full_packet_is_complete(world: World) -> None:
    rubric = world.rubric(world.case("ada"))
    found = completion(4, rubric, written(4), {c.id for c in rubric.competencies})
    assert (found.done, found.total, found.gaps, found.complete) == (6, 6, (), True)
    assert (found.must_haves_without_evidence, found.others_without_evidence) == ((), ())


def test_one_empty_field_is_one_section_missing_by_name(world: World) -> None:
    rubric = world.rubric(world.case("ada"))
    texts = written(4)
    texts["result-2"]["how"] = "  "
    found = completion(4, rubric, texts, set())
    assert (found.done, found.total, found.complete) == (5, 6, False)
    assert [(g.section.title, g.fields) for g in found.gaps] == [("Result 2", ("How",))]


def test_must_haves_without_evidence_are_told_apart_from_the_rest(world: World) -> None:
    rubric = world.rubric(world.case("ada"))
    musts = [c for c in rubric.competencies if c.must_have is not None]
    found = completion(4, rubric, written(4), {musts[0].id})
    assert found.must_haves == len(musts) == 2
    assert found.must_haves_without_evidence == (musts[1].name,)
    assert found.others_without_evidence == tuple(c.name for c in rubric.competencies if c.must_have is None)
    assert found.complete is False


def test_empty_fields_are_named_by_their_labels() -> None:
    assert empty_fields(RESULT, {"changed": "a", "how": " "}) == ("Why it mattered", "My own contribution", "How")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", []),
        ("Waits fell by 25 %.", ["figure"]),
        ("Waits fell from 40 to 30 minutes, 25 %.", []),
        ("Waits fell 25 percent, 40 → 30.", []),
        ("Significantly better.", ["vague"]),
        ("word " * 181, ["long"]),
        ("word " * 180, []),
    ],
)
def test_hints_on_a_text(text: str, codes: list[str]) -> None:
    assert [h.code for h in style_hints(SUMMARY.fields[0], text)] == codes


def test_only_the_contribution_is_asked_whose_work_it_was() -> None:
    contribution = RESULT.field("contribution")
    changed = RESULT.field("changed")
    assert contribution
    assert changed
    assert [h.code for h in style_hints(contribution, "We did our part.")] == ["we"]
    assert style_hints(contribution, "I wrote my part, we shipped it.") == ()
    assert style_hints(changed, "We did our part.") == ()


def test_a_hint_quotes_what_it_asks_about() -> None:
    assert str(style_hints(SUMMARY.fields[0], "It fell by 12.5 %.")[0]) == (
        "“12.5 %”: from what to what, in which period?"
    )


def test_words_are_counted_as_the_page_counts_them() -> None:
    assert word_count(" two  words\n") == 2
