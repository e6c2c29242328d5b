"""Which sections a packet has, and when it is complete."""

from portal.domain.packet import is_complete, missing_sections, section, sections_for


def codes(grade: int) -> list[str]:
    return [s.code for s in sections_for(grade)]


def test_scope_is_asked_from_grade_four() -> None:
    assert codes(3) == ["summary", "result-1", "result-2", "result-3", "human-skills"]
    assert codes(4) == ["summary", "result-1", "result-2", "result-3", "scope", "human-skills"]


def test_a_section_is_found_by_its_code_where_it_is_asked() -> None:
    assert section(3, "scope") is None
    found = section(4, "scope")
    assert found is not None
    assert found.field("text") is not None
    assert found.field("other") is None


def test_white_space_is_not_an_answer() -> None:
    found = section(3, "summary")
    assert found is not None
    assert not is_complete(found, {"text": "  \n"})
    assert is_complete(found, {"text": "x"})


def test_what_is_missing_is_named_by_title() -> None:
    written = {s.code: {f.code: "x" for f in s.fields} for s in sections_for(4)}
    assert missing_sections(4, written) == ()
    written["result-2"]["how"] = ""
    del written["scope"]
    assert missing_sections(4, written) == ("Result 2", "Scope at the next level")
