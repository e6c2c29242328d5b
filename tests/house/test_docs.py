"""What the documents say of the program is what the program says of itself."""

import re
from pathlib import Path

import pytest

from portal.domain.case_flow import diagram

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_the_diagram_of_a_cases_life_is_the_flow_table() -> None:
    page = (ROOT / "docs" / "case-life.md").read_text()
    assert f"```mermaid\n{diagram()}\n```" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert broken == []
