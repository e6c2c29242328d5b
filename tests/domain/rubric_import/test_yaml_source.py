"""Reading YAML: every fault with its line, no tag that makes anything, and a clear word where the extra is missing."""

import sys

import pytest

from portal.domain.problems import InvalidInput
from portal.domain.rubric_import.source_problems import Problems, read_source
from portal.domain.rubric_import.yaml_source import read_table


def faults(text, read=lambda table: None):
    problems = Problems()
    table = read_table(text, "f.yml", problems)
    if table:
        read(table)
    return [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1", "f.yml:1: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: 1\nb: c: d", "f.yml:2: not valid YAML: mapping values are not allowed here"),
        ("a: \x07", "f.yml: not valid YAML: unacceptable character #x0007: special characters are not allowed"),
        ("[" * 3000, "f.yml: not a ladder: lists or tables are nested too deeply to read"),
        ("", "f.yml:1: not a ladder: the top of the file is not a table of keys"),
        ("- a", "f.yml:1: not a ladder: the top of the file is not a table of keys"),
        ("a: 1\nb: 2\na: 3", 'f.yml:3: "a" stands twice in one table; keep one'),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, expected):
    assert faults(text) == [expected]


@pytest.mark.parametrize(
    ("text", "ask", "expected"),
    [
        ("a: [x]", lambda t: t.text("a"), 'expected text for "a", got a list'),
        ("a: !!python/name:os.system x", lambda t: t.text("a"), 'expected text for "a", got "x"'),
        ("a: ''", lambda t: t.text("a"), '"a" is empty; write its text'),
        ("a: x", lambda t: t.texts("a"), 'expected a list for "a", got "x"'),
        (
            "a: [b: c]",
            lambda t: t.texts("a"),
            'expected text for "a", got a table; a sentence with ": " in it needs quotes around it',
        ),
        ("a: [~]", lambda t: t.texts("a"), 'expected text for "a", got nothing'),
        ("a: [x]", lambda t: t.tables("a"), 'expected a table in the list "a", got "x"'),
        ("a: 0", lambda t: t.number("a"), 'expected a whole number from 1 to 99 for "a", got "0"'),
        ("a: 100", lambda t: t.number("a"), 'expected a whole number from 1 to 99 for "a", got "100"'),
        ("a: two", lambda t: t.number("a"), 'expected a whole number from 1 to 99 for "a", got "two"'),
        ('a: "\\uD800"', lambda t: t.text("a"), '"a" holds the character U+D800; take it out'),
    ],
)
def test_what_is_of_another_shape_is_told_with_what_was_expected(text, ask, expected):
    assert faults(text, ask) == [f"f.yml:1: {expected}"]


def test_numbers_and_words_are_text_where_text_is_asked_for():
    table = read_table("a: 3\nb: no\nc: true\nd: |\n  one\n  two\n", "f.yml", Problems())
    assert [table.text(key) for key in "abcd"] == ["3", "no", "true", "one\ntwo"]


def test_without_the_extra_the_message_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    with pytest.raises(InvalidInput, match=r"reading YAML needs the extra `yaml`: install evenbar\[yaml\]"):
        read_table("a: 1", "f.yml", Problems())


def test_a_file_in_another_encoding_or_missing_is_told(tmp_path):
    (tmp_path / "utf16.yml").write_bytes("name: é".encode("utf-16"))
    problems = Problems()
    assert [read_source(tmp_path / name, problems) for name in ("utf16.yml", "none.yml")] == [None, None]
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in problems.found] == [
        "utf16.yml: not UTF-8 text (byte 0); save it as UTF-8 and import again",
        "none.yml: cannot be read: No such file or directory",
    ]
