"""Reading rubric files that are sound: what the forms of writing mean, what a folder holds, what a case pins."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.rubric_files import content_hash, read_folder, read_pinned
from portal.domain.rubric_problems import RubricFileErrors
from portal.domain.rubric_schema import rubric_schema_text
from tests.domain.ladder_sample import family, family_values, org_values, row, toml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "org.toml").write_text(toml(org_values()))
    (tmp_path / "eng.toml").write_text(toml(family_values()))
    (tmp_path / "product.toml").write_text(toml(family_values() | {"id": "product"}))
    (tmp_path / "notes.txt").write_text("not a rubric file")
    return tmp_path


def test_a_folder_holds_its_families_by_id(folder):
    library = read_folder(folder)
    assert list(library.families) == ["eng", "product"]
    assert library.families["product"].org == library.org
    assert library.org_text == toml(org_values())
    assert library.texts["eng"] == toml(family_values())


def test_what_a_folder_read_cannot_be_changed(folder):
    with pytest.raises(TypeError, match="does not support item assignment"):
        read_folder(folder).families["eng"] = None


def test_the_hash_a_case_pins_is_over_both_files(folder):
    library = read_folder(folder)
    assert library.content_hash("eng") == content_hash(toml(org_values()), toml(family_values()))
    assert library.content_hash("eng") != library.content_hash("product")


def test_a_pinned_family_reads_from_its_texts_once(folder):
    library = read_folder(folder)
    pinned = read_pinned(library.org_text, library.texts["eng"])
    assert pinned == library.families["eng"]
    assert read_pinned(library.org_text, library.texts["eng"]) is pinned


def test_line_ends_and_a_byte_order_mark_do_not_change_what_is_pinned(folder):
    before = read_folder(folder).content_hash("eng")
    text = (folder / "eng.toml").read_text()
    (folder / "eng.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_folder(folder).content_hash("eng") == before


def test_the_content_hash_is_the_one_written_down():
    assert content_hash("org", "família") == "aaa716f8e6c435c99254e3d9e1b377aaddf7f191bc892504fec1b18a3a478a88"


@given(st.text(), st.text(), st.integers(0, 20))
def test_moving_text_from_one_file_to_the_other_changes_the_hash(org_text, family_text, cut):
    moved = (org_text + family_text[:cut], family_text[cut:])
    assert (content_hash(*moved) == content_hash(org_text, family_text)) == (moved == (org_text, family_text))


def test_a_month_is_a_day_for_a_survey():
    ladder = family(lambda values: row(values, "band", level="i3").update(surveyed="2026-03"))
    assert ladder.band("i3").surveyed == date(2026, 3, 1)


def test_a_version_written_as_a_number_is_text():
    assert family(lambda values: values.update(version=3)).version == "3"


def test_a_single_reader_is_a_list_of_one():
    assert family().org.published_to == ("all staff",)


def test_a_contract_may_be_said_to_exist():
    assert (
        family(lambda values: row(values, "level", id="advisor").update(contract=True)).level("advisor").contract
        == "yes"
    )
    assert (
        family(lambda values: row(values, "level", id="advisor").update(contract=False)).level("advisor").contract == ""
    )


@pytest.mark.parametrize(("written", "read"), [(5, (5,)), ([5, 6], (5, 6))])
def test_an_advisor_may_be_like_one_grade_or_several(written, read):
    ladder = family(lambda values: row(values, "level", id="advisor").update(scope_like_grade=written))
    assert ladder.level("advisor").scope_like_grade == read


@pytest.mark.parametrize(("written", "read"), [(3, "3"), ("Expert", "Expert")])
def test_a_proficiency_is_an_ordinal_or_a_word(written, read):
    ladder = family(lambda values: row(values, "expectation", id="depth-i3").update(proficiency=written))
    assert ladder.expectation("depth", "i3").proficiency == read


@pytest.mark.parametrize("table", ["bar", "expectation", "band", "switch", "process", "peer_claim"])
def test_optional_tables_may_be_absent(table):
    ladder = family(lambda values: values.pop(table))
    fields = {"bar": "bars", "switch": "switches", "process": "processes"}
    assert getattr(ladder, fields.get(table, f"{table}s")) == ()


def test_what_breaks_a_principle_still_loads():
    def odd(values):
        row(values, "level", id="i3").pop("grade")
        row(values, "level", id="i4").update(split={"people": 1, "craft": 1, "org": 1})
        row(values, "competency", id="depth").update(pillar="mystery", weight=90)
        row(values, "switch", **{"from": "i5"}).update(to="m3")

    assert family(odd).level("i3").grade is None


def test_the_least_that_loads_is_ids_and_kinds(tmp_path):
    (tmp_path / "org.toml").write_text('kind = "org"\nid = "acme"\n')
    (tmp_path / "few.toml").write_text('kind = "family"\nid = "few"\nname = "Few"\norg = "acme"\n')
    library = read_folder(tmp_path)
    assert (library.org.scale, library.org.policy.margin, library.families["few"].levels) == (None, 0.5, ())


def test_the_schema_file_is_what_the_models_say():
    assert (ROOT / "rubrics" / "schema.json").read_text() == rubric_schema_text(), (
        "rubrics/schema.json is stale; write it anew: the text of portal.domain.rubric_schema.rubric_schema_text()"
    )


def test_a_broken_pin_names_both_files_as_pinned():
    with pytest.raises(RubricFileErrors, match="family file as pinned: "):
        read_pinned(toml(org_values()), "kind = 'family'")
