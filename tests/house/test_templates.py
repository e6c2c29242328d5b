"""What must hold for every template: it compiles, leads only to endpoints that exist, and carries nothing inline."""

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.domain.appeals import Reply
from portal.domain.case_types import Outcome
from portal.letters.language import LANGUAGES
from portal.settings import ROOT

TEMPLATES = ROOT / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
ENDPOINT = re.compile(r"""url_for\(\s*['"]([\w.]+)['"]""")
INLINE = re.compile(r"<script(?![^>]*\b(?:src=|type=.application/json))|\son[a-z]+=\"|\sstyle=|<style", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_compiles(app: Flask, path: Path) -> None:
    assert app.jinja_env.get_template(name(path)).name == name(path)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_its_links_lead_somewhere(app: Flask, path: Path) -> None:
    assert set(ENDPOINT.findall(path.read_text())) - set(app.view_functions) == set()


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_it_trusts_nothing_and_carries_nothing_inline(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\|\s*safe\b", text)
    assert INLINE.findall(text) == []


def test_htmx_attributes_are_valid_html() -> None:
    assert [name(p) for p in PAGES if re.search(r"\shx-[a-z]", p.read_text())] == []


def test_fragments_that_answer_alone_have_one_root_with_an_id() -> None:
    """So that htmx can replace one by its successor."""
    python = "\n".join(p.read_text() for p in (ROOT / "portal").rglob("*.py"))
    bad = []
    for path in PAGES:
        if path.name.startswith("_") and f'"{name(path)}"' in python:
            text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(), flags=re.DOTALL).strip()
            if not re.match(r"<\w+[^>]*\bid=", text):
                bad.append(name(path))
    assert bad == []


def test_every_template_is_used(app: Flask) -> None:
    python = "\n".join(p.read_text() for p in (ROOT / "portal").rglob("*.py"))
    jinja = "\n".join(p.read_text() for p in TEMPLATES.rglob("*.*"))
    letters = {f"letters/{code}/{kind}.html" for code in LANGUAGES for kind in ("letter", "appeal", *Outcome, *Reply)}
    unused = [name(p) for p in PAGES if name(p) not in python and name(p) not in jinja]
    assert set(unused) - letters == set()
