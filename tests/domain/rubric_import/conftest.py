"""Importing into a temporary folder, and looking at what came out as the loader sees it."""

from pathlib import Path

import pytest

from portal.domain.problems import InvalidInput
from portal.domain.rubric_files import read_folder
from portal.domain.rubric_import import Choices, import_ladder

LADDERS = Path(__file__).parents[2] / "data" / "ladders"


@pytest.fixture
def imported(tmp_path):
    """The library that an import of a source makes, choices given by name."""

    def run(file_format, source, **choices):
        import_ladder(file_format, source, tmp_path / "out", Choices(**choices))
        return read_folder(tmp_path / "out")

    return run


@pytest.fixture
def complaints(tmp_path):
    """What an import of this text says is wrong, each without the folder's name; asserts that nothing was written."""

    def run(file_format, text, *, name="source", **choices):
        source = tmp_path / name
        asked = tmp_path if file_format == "monzo" else source
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InvalidInput) as refused:
            import_ladder(file_format, asked, tmp_path / "out", Choices(**choices))
        assert not (tmp_path / "out").exists()
        return [problem.replace(f"{tmp_path}/", "") for problem in refused.value.problems]

    return run
