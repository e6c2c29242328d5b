"""What `evenbar rubrics check` says about a folder of rubric files, as text for people and JSON for machines.

The exit code is 0 when no rule fails, 1 when one does, 2 when a file does not load.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.domain import lint
from portal.domain.rubric_files import FileProblem, RubricFileErrors, read_folder


@dataclass(frozen=True)
class RubricReport:
    """Either the findings by family id, or the problems that kept the folder from loading."""

    findings: Mapping[str, tuple[lint.Finding, ...]]
    problems: tuple[FileProblem, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 no rule fails, 1 one does, 2 a file does not load."""
        if self.problems:
            return 2
        return int(any(found.status == "fail" for findings in self.findings.values() for found in findings))

    def as_dict(self) -> dict[str, Any]:
        """`{"families": {id: [finding, ...]}}`, or `{"problems": [...]}` when a file does not load."""
        if self.problems:
            return {"problems": [problem.as_dict() for problem in self.problems]}
        return {"families": {family: [found.as_dict() for found in mine] for family, mine in self.findings.items()}}

    def as_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)

    def as_text(self) -> str:
        """One line per problem; or per family a line of counts, then each finding that is not a pass."""
        if self.problems:
            return "\n".join(str(problem) for problem in self.problems)
        return "\n\n".join(_family_text(family, findings) for family, findings in self.findings.items())


def check_folder(path: Path) -> tuple[int, RubricReport]:
    """Reads a folder of rubric files and lints every family in it; the exit code, and what to print."""
    try:
        library = read_folder(path)
    except RubricFileErrors as broken:
        report = RubricReport({}, broken.problems)
    else:
        report = RubricReport({family_id: tuple(lint.check(family)) for family_id, family in library.families.items()})
    return report.exit_code, report


def _family_text(family_id: str, findings: tuple[lint.Finding, ...]) -> str:
    counts = Counter(found.status for found in findings)
    order: tuple[lint.Status, ...] = ("fail", "warn", "unknown", "info", "pass")
    head = f"{family_id}: " + ", ".join(f"{counts[status]} {status}" for status in order)
    shown = [found for status in order[:-1] for found in findings if found.status == status]
    return "\n".join([head, *(_line(found) for found in shown)])


def _line(found: lint.Finding) -> str:
    principle = "" if found.principle == "-" else f" ({found.principle})"
    return f"  {found.status:<7} {found.rule:<5} {found.subject}: {found.detail}{principle}"
