"""A family file changed row by row: what is typed comes back as it was, and a file nobody changed stays the same."""

import tomllib

import pytest

from portal.domain.ladder import FamilyFile
from portal.domain.rubric_diff import FieldChange, RowChange, family_changes
from portal.domain.rubric_edit import TABLES, Unreadable, rows_of, typed, with_expectations, with_head, with_row
from portal.domain.rubric_edit import without_row as without
from portal.domain.rubric_files import read_family, read_folder
from portal.settings import ROOT

LIBRARY = read_folder(ROOT / "rubrics")
TEXTS = dict(LIBRARY.texts)
ENGINEERING = TEXTS["engineering"]


def keys_of(table: str) -> set[str]:
    """Every key a row of this table may hold, dotted where it is nested."""
    fields = {field.alias or name: field for name, field in FamilyFile.model_fields.items()}
    (model,) = {a for a in fields[table].annotation.__args__ if a is not Ellipsis}
    found = set()
    for name, field in model.model_fields.items():
        inner = [
            a for a in (field.annotation, *getattr(field.annotation, "__args__", ())) if hasattr(a, "model_fields")
        ]
        key = field.alias or name
        found |= {f"{key}.{nested}" for nested in inner[0].model_fields} if inner and key != "must_have" else {key}
    return found


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_are_the_keys_of_the_file(table: str) -> None:
    assert {column.key for column in TABLES[table]} == keys_of(table)


@pytest.mark.parametrize("family", TEXTS)
def test_every_row_that_ships_survives_being_typed(family: str) -> None:
    text = TEXTS[family]
    for table in TABLES:
        for number, row in enumerate(rows_of(text, table)):
            assert with_row(text, table, number, typed(table, row)) == text, (table, number)


@pytest.mark.parametrize("family", TEXTS)
def test_a_rewritten_file_reads_as_the_same_ladder(family: str) -> None:
    text = TEXTS[family]
    again = with_head(with_head(text, version="next"), version=str(tomllib.loads(text)["version"]))
    assert again != text
    assert read_family(LIBRARY.org, again, "again") == LIBRARY.families[family]
    assert family_changes(text, again) == ()


def test_the_comment_on_top_stays() -> None:
    text = with_head(ENGINEERING, name="Building")
    assert text.splitlines()[0] == ENGINEERING.splitlines()[0]


def test_a_changed_field_is_the_only_change() -> None:
    rows = rows_of(ENGINEERING, "level")
    number = next(at for at, row in enumerate(rows) if row["id"] == "staff")
    after = with_row(ENGINEERING, "level", number, typed("level", rows[number]) | {"title": "Staff Wizard"})
    assert family_changes(ENGINEERING, after) == (
        RowChange("level", "staff", "changed", (FieldChange("Title", "Staff Engineer", "Staff Wizard"),)),
    )


def test_a_row_can_be_added_and_taken_away() -> None:
    claim = {"levels": "staff\nem", "source": "us", "status": "adopted"}
    more = with_row(ENGINEERING, "peer_claim", None, claim)
    assert [(c.table, c.name, c.what) for c in family_changes(ENGINEERING, more)] == [
        ("peer_claim", "staff|em", "added")
    ]
    last = len(rows_of(more, "peer_claim")) - 1
    less = without(more, "peer_claim", last)
    assert family_changes(ENGINEERING, less) == ()
    assert [c.what for c in family_changes(more, less)] == ["removed"]


def test_rows_of_one_name_are_told_apart() -> None:
    claim = {"levels": "staff\nem", "source": "us", "status": "adopted"}
    twice = with_row(with_row(ENGINEERING, "peer_claim", None, claim), "peer_claim", None, claim)
    assert [c.name for c in family_changes(ENGINEERING, twice)] == ["staff|em", "staff|em (2)"]


def test_expectations_are_set_by_competency_and_level() -> None:
    changed = with_expectations(ENGINEERING, {("direction", "staff"): "Leads.", ("direction", "senior"): "Plans."})
    texts = {row["level"]: row["text"] for row in rows_of(changed, "expectation") if row["competency"] == "direction"}
    assert (texts["staff"], texts["senior"]) == ("Leads.", "Plans.")
    emptied = with_expectations(
        'schema = "ladder/1"\n[[expectation]]\nid = "a"\ncompetency = "c"\nlevel = "l"\ntext = "x"\n',
        {("c", "l"): "", ("c", "m"): "", ("d", "l"): "New."},
    )
    assert rows_of(emptied, "expectation") == [{"id": "d.l", "competency": "d", "level": "l", "text": "New."}]


@pytest.mark.parametrize(
    ("table", "key", "words", "said"),
    [
        ("level", "grade", "four", "Expected a whole number, got “four”."),
        ("competency", "weight", "much", "Expected a number such as 2.7, got “much”."),
        ("band", "surveyed", "spring", "Expected a day such as 2026-04-01, got “spring”."),
        ("level", "feeder", "maybe", "Expected yes or no."),
        (
            "bar",
            "must_have",
            "direction",
            "Expected a competency and a score a line, as in direction: 3, got “direction”.",
        ),
        ("level", "reports", "2, many", "Expected a whole number, got “many”."),
    ],
)
def test_what_cannot_be_read_is_said_with_its_column(table: str, key: str, words: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        with_row(ENGINEERING, table, None, {key: words})
    assert refused.value.args[0] == [(key, said)]


def test_a_new_name_of_the_ladder_is_a_change_of_its_head() -> None:
    named = (FieldChange("Name", LIBRARY.families["engineering"].name, "Building"),)
    after = with_head(ENGINEERING, name="Building")
    assert family_changes(ENGINEERING, after) == (RowChange("", "", "changed", named),)
