"""What is served from static/vendor is byte for byte what was reviewed and written down."""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "static" / "vendor"


def test_every_vendored_file_has_the_hash_that_was_written_down() -> None:
    rows = json.loads((VENDOR / "VENDOR.json").read_text())
    written = {row["file"]: row["sha256"] for row in rows}
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }
    assert present == written


def test_the_layouts_load_only_files_that_exist() -> None:
    head = (ROOT / "templates/layouts/_head.html").read_text()
    sheets = re.search(r"for sheet in \(([^)]*)\)", head)
    assert sheets is not None
    names = [f"css/{name}.css" for name in re.findall(r'"(\w+)"', sheets.group(1))]
    names += [name for name in re.findall(r"static\('([^']+)'\)", head) if "." in name]
    assert [name for name in names if not (ROOT / "static" / name).is_file()] == []


def test_styles_and_scripts_fetch_nothing_from_elsewhere() -> None:
    ours = [*(ROOT / "static/css").glob("*.css"), *(ROOT / "static/js").glob("*.js")]
    fetching = {p.name: re.findall(r"url\(|@import|https?://", p.read_text()) for p in ours}
    assert fetching == {p.name: [] for p in ours}
