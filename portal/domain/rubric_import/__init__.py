"""Reads ladders that were written for something else: a CSV matrix, or published frameworks in YAML.

A source is read whole; either every rubric file it makes is written to a folder and loads, or none is and every problem
is told at once. What the source does not say stays open (see `portal.domain.rubric_import.compose`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from portal.domain.rubric_import.choices import Choices
from portal.domain.rubric_import.compose import file_texts, not_said
from portal.domain.rubric_import.csv_matrix import COMPETENCY_KINDS, TRACK_KINDS, read_matrix
from portal.domain.rubric_import.draft import Draft
from portal.domain.rubric_import.financial_times import read_job_family
from portal.domain.rubric_import.folder import check_free, write_folder
from portal.domain.rubric_import.monzo import read_frameworks
from portal.domain.rubric_import.source_problems import Problems

__all__ = ["COMPETENCY_KINDS", "READERS", "TRACK_KINDS", "Choices", "Format", "Imported", "import_ladder"]

Format = Literal["csv-matrix", "ft", "monzo"]
READERS: dict[Format, Callable[[Path, Choices, Problems], Draft | None]] = {
    "csv-matrix": read_matrix,
    "ft": read_job_family,
    "monzo": read_frameworks,
}


@dataclass(frozen=True)
class Imported:
    """What an import wrote, and what a person should know about it."""

    files: tuple[Path, ...]
    remarks: tuple[str, ...]


def import_ladder(file_format: Format, source: Path, out: Path, choices: Choices | None = None) -> Imported:
    """Reads a source and writes its rubric files into `out`, a new folder or one without rubric files.

    Raises `InvalidInput` with every problem of the source; then nothing was written.
    """
    chosen = choices or Choices()
    problems = Problems()
    check_free(out)
    chosen.check_ids(problems)
    draft = READERS[file_format](source, chosen, problems)
    problems.raise_any()
    assert draft is not None, "a reader that returns no draft tells why"
    files = write_folder(out, file_texts(draft))
    notes = [f"{family.id}: {note}" for family in draft.families for note in not_said(family)]
    return Imported(tuple(files), (*problems.remarks, *notes))
