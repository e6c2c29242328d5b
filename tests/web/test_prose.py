"""Markdown from packets: what it may say, and what it may never do in a reader's browser."""

import re

import pytest

from portal.web.prose import TAGS, prose

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    '<form hx-post="/cases/x/withdraw" data-hx-post="/cases/x/withdraw"><button>x</button></form>',
    '<div data-hx-get="/" data-hx-trigger="load"></div>',
    "<svg onload=alert(1)>",
    "![x](https://evil.example/pixel.png)",
    '<a href="/" style="position:fixed;inset:0">x</a>',
    "<iframe src=//evil.example></iframe>",
    '[x](/ "onmouseover=alert(1)")',
    '[x](/ "a title")',
]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_in_a_packet_acts(text: str) -> None:
    html = str(prose(text))
    tags = set(re.findall(r"<\s*([a-z0-9]+)", html))
    attributes = set(re.findall(r"<[^>]*?\s([a-z-]+)=", html))
    assert tags <= TAGS
    assert attributes <= {"href", "rel"}
    assert not re.search(r'href="(?!https?:|mailto:|/)', html)


def test_text_is_set_as_written() -> None:
    assert str(prose("**Led** the split\n\n- one\n- two")) == (
        "<p><strong>Led</strong> the split</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
    )


def test_headings_stay_below_those_of_the_page() -> None:
    assert str(prose("# Big")) == "<h4>Big</h4>\n"


def test_template_syntax_is_only_text() -> None:
    assert str(prose("{{ 7*7 }} {% raw %}")) == "<p>{{ 7*7 }} {% raw %}</p>\n"
