"""What is wrong with a ladder somebody wants to read in: every fault with its place, all told at once."""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from portal.domain.problems import InvalidInput


@dataclass(frozen=True)
class SourceProblem:
    """One thing that keeps a source from being read in. `line` for text files, `row` and `column` for sheets (row 1 is
    the header); None where the file as a whole, or an option of the command, is meant.
    """

    file: str
    message: str
    line: int | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{place}{row}{column}: {self.message}"


@dataclass
class Problems:
    """The problems of one run, gathered before anything is written, and the remarks on what was left out."""

    found: list[SourceProblem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def tell(
        self, file: str, message: str, *, line: int | None = None, row: int | None = None, column: str | None = None
    ) -> None:
        """Notes a problem, once, and goes on."""
        problem = SourceProblem(file, message, line, row, column)
        if problem not in self.found:
            self.found.append(problem)

    def remark(self, remark: str) -> None:
        """Notes, once, what a person should know although it keeps nothing from being read."""
        if remark not in self.remarks:
            self.remarks.append(remark)

    def raise_any(self) -> None:
        """Raises `InvalidInput` with every problem, if there is one: by file and place, the command's options last."""
        if self.found:
            count = "1 problem" if len(self.found) == 1 else f"{len(self.found)} problems"
            raise InvalidInput(f"nothing was written, {count}:", tuple(map(str, sorted(self.found, key=_place))))


def _place(problem: SourceProblem) -> tuple[bool, str, int]:
    return problem.file.startswith("--"), problem.file, problem.line or problem.row or 0


def unstorable(text: str) -> str:
    """The name of the first character no text of a ladder may hold (control characters, halves of a pair), or ""."""
    for letter in text:
        if unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t":
            return f"U+{ord(letter):04X}"
    return ""


def read_source(path: Path, problems: Problems) -> str | None:
    """The text of a file, line ends as LF, or None with a problem that names the remedy."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as garbled:
        problems.tell(str(path), f"not UTF-8 text (byte {garbled.start}); save it as UTF-8 and import again")
    except OSError as unreadable:
        problems.tell(str(path), f"cannot be read: {unreadable.strerror}")
    return None
