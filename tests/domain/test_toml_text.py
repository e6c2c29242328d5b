"""Writing TOML: whatever values go in come back through `tomllib`, and people can read the file."""

import tomllib
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.toml_text import document

TEXTS = st.one_of(st.text(), st.text(alphabet='"\\\n\r\t#=[]\x00\x1f\x7f\x85\u2028 '))
SCALARS = st.one_of(TEXTS, st.booleans(), st.integers(), st.floats(allow_nan=False))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(TEXTS, VALUES, max_size=6), st.lists(st.text(), max_size=3))
@example({"text": 'ends with """'}, [])
@example({"text": 'one\n"""two""""'}, [])
@example({"text": "one\r\ntwo\rthree\\"}, [])
@example({"list": [{"a": 1}, 2], "empty": [], "nothing": {}}, ["a\r\nb"])
def test_values_come_back_as_they_went_in(values, comment):
    assert tomllib.loads(document(values, comment)) == values


def test_tables_follow_the_keys_with_a_blank_line_between():
    values = {"level": [{"id": "a", "reports": [0, 2]}, {"id": "b c"}], "kind": "family", "scale": {"id": "s"}}
    assert document(values, ["Imported.", "Not said: grades."]) == (
        "# Imported.\n# Not said: grades.\n\n"
        'kind = "family"\n\n'
        '[[level]]\nid = "a"\nreports = [0, 2]\n\n[[level]]\nid = "b c"\n\n'
        '[scale]\nid = "s"\n'
    )


def test_a_day_is_written_as_one():
    assert document({"effective": date(2026, 4, 1)}) == "effective = 2026-04-01\n"


def test_a_text_of_several_lines_stands_on_several_lines():
    assert document({"text": 'Says "no".\nSays """why""".'}) == 'text = """\nSays "no".\nSays ""\\"why""\\"."""\n'


def test_a_long_list_has_an_entry_a_line():
    entries = ["x" * 70, "y" * 70]
    assert document({"signals": entries}) == f'signals = [\n  "{entries[0]}",\n  "{entries[1]}",\n]\n'


def test_a_long_comment_is_wrapped():
    lines = document({"a": 1}, ["word " * 60]).splitlines()
    assert [line.startswith("# ") for line in lines] == [True, True, True, False, False]
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("value", [None, {"a": None}, [object]])
def test_what_toml_cannot_hold_is_refused(value):
    with pytest.raises(TypeError, match="TOML has no way to write"):
        document({"key": value})
