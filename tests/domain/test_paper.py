"""The paper of a document is that of its reader's locale, unless the organisation wants one for all."""

import pytest

from portal.domain.paper import paper_for


@pytest.mark.parametrize(
    ("wanted", "locale", "paper"),
    [
        ("auto", "en_US", "letter"),
        ("auto", "fr-CA", "letter"),
        ("auto", "de_DE", "a4"),
        ("auto", "en_GB", "a4"),
        ("a4", "en_US", "a4"),
        ("letter", "de_DE", "letter"),
    ],
)
def test_which_paper_a_document_is_set_on(wanted: str, locale: str, paper: str) -> None:
    assert paper_for(wanted, locale) == paper
