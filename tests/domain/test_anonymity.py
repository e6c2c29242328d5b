"""Names taken out of a text, and what is warned of because it may still be one."""

import pytest

from portal.domain.anonymity import own_marks, phrases, suspects, without_names

NAMES = {"Ada Marchetti": "the candidate", "Max Brandt": "a colleague"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ada Marchetti led it.", "the candidate led it."),
        ("ADA's plan, by Marchetti", "the candidate's plan, by the candidate"),
        ("Max asked Ada.", "a colleague asked the candidate."),
        ("Adagio and maximum stay.", "Adagio and maximum stay."),
        ("Write to ada@example.org or see https://wiki/x", "Write to [address taken out] or see [link taken out]"),
    ],
)
def test_names_addresses_and_links_are_taken_out(text: str, left: str) -> None:
    assert without_names(text, NAMES) == left


def test_runs_of_capitalised_words_may_be_names() -> None:
    assert phrases("so Rex Tanaka of the Payments Team, and rex") == ["Rex Tanaka", "Payments Team"]
    assert phrases("Jean Le Roy") == ["Jean Le", "Le Roy", "Jean Le Roy"]


def test_what_may_still_tell_who_it_is_is_listed() -> None:
    text = "Rex Tanaka, x@y.org, www.example.org/z"
    assert suspects(text, ["Rob Silva", "Rex Tanaka"]) == ["Rex Tanaka", "x@y.org", "www.example.org/z"]
    assert suspects("nothing here", ["Rob Silva"]) == []


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("I am Rex Tanaka, Rex@example.org", ["Rex", "Rex Tanaka", "Rex@example.org", "Tanaka"]),
        ("Tanaka says so; ask rob@example.org", ["Tanaka"]),
        ("Rexford and an axe of Li", []),
    ],
)
def test_what_tells_that_a_person_wrote_it(text: str, marks: list[str]) -> None:
    assert own_marks(text, name="Rex Tanaka", email="rex@example.org", known="Ada M") == marks


def test_a_name_shared_with_whom_the_text_is_about_tells_nothing() -> None:
    assert own_marks("Ada led it.", name="Ada Li", email="ada.li@example.org", known="Ada Marchetti") == []
