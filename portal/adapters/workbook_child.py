"""The process in which a workbook is read, started apart from the portal: `python -I workbook_child.py MEMORY CPU`, the
file on its input, one line of JSON on its output.

Five kilobytes that claim a cell at the far corner of a sheet make the reader ask for half a terabyte, and that ends its
process. So that process is not the portal's, and the kernel bounds its memory and its processor time."""

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any


def rows_of(content: bytes) -> list[list[str]]:
    """The first sheet from its first cell on, every cell as text, without the columns to the right that hold nothing:
    a spreadsheet keeps those that were only ever formatted."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows: list[list[Any]] = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    width = max((at + 1 for row in rows for at, cell in enumerate(row) if cell != ""), default=0)
    return [[_as_text(cell) for cell in row[:width]] for row in rows]


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def answer(content: bytes) -> dict[str, Any]:
    """The rows, or in words why there are none."""
    from python_calamine import CalamineError

    try:
        return {"rows": rows_of(content)}
    except (CalamineError, IndexError) as broken:
        return {"problem": str(broken)}


def limit(memory_bytes: int, cpu_s: int) -> None:
    """Bounds the address space and the processor time, and leaves no core dump (it would hold what was sent)."""
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))
