"""Whatever is handed to an importer, it either makes a folder that loads or says what is wrong and makes nothing."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.problems import InvalidInput
from portal.domain.rubric_files import read_folder
from portal.domain.rubric_import import import_ladder
from tests.domain.rubric_import.conftest import LADDERS

SOURCES = {
    "csv-matrix": LADDERS / "product-matrix.csv",
    "ft": LADDERS / "financial-times-engineering.yml",
    "monzo": LADDERS / "monzo" / "frameworks" / "engineering" / "backend.md",
}
ENTRY = b"\n  - id: "
SCRAPS = st.sampled_from(
    [
        b"",
        b",",
        b'"',
        b": ",
        b"- ",
        b"\n",
        b"\n  ",
        b"[",
        b"{",
        b"&a ",
        b"*a",
        b"!!set ",
        b"~",
        b"7",
        b"\x00",
        b"\xff",
        b"---\n",
    ]
)


@pytest.mark.parametrize("file_format", SOURCES)
@settings(deadline=None, max_examples=60)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), SCRAPS), min_size=1, max_size=4))
def test_a_damaged_file_is_read_whole_or_refused_whole(file_format, changes):
    content = ENTRY.join(SOURCES[file_format].read_bytes().split(ENTRY)[:30])
    for where, cut, scrap in changes:
        at = int(where * len(content))
        content = content[:at] + scrap + content[at + cut :]
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in", "eng.md"), Path(folder, "out")
        source.parent.mkdir()
        source.write_bytes(content)
        try:
            files = import_ladder(file_format, source.parent if file_format == "monzo" else source, out).files
        except InvalidInput as refused:
            assert refused.problems
            assert not out.exists()
        else:
            assert set(files) == set(out.iterdir())
            assert read_folder(out).families
