"""Files, functions and names stay small enough to be read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SWAMPS = {"utils", "helpers", "services", "common", "misc", "manager"}
LIMITS = {"portal": (300, 40), "tests": (500, 60), "bench": (500, 60)}
UNFINISHED = ("TODO", "FIXME", "XXX", "HACK", "NotImplementedError", "pragma: no cover", "mark.skip", "mark.xfail")


def sources(top: str) -> list[Path]:
    return sorted(p for p in (ROOT / top).rglob("*.py") if "__pycache__" not in p.parts)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("top", LIMITS)
def test_files_and_functions_keep_their_budget(top: str) -> None:
    longest_file, longest_function = LIMITS[top]
    over = []
    for path in sources(top):
        text = path.read_text()
        if (n := text.count("\n")) > longest_file:
            over.append(f"{path.relative_to(ROOT)}: {n} lines")
        for f in functions(ast.parse(text)):
            length = (f.end_lineno or f.lineno) - f.lineno + 1
            if length > longest_function:
                over.append(f"{path.relative_to(ROOT)}:{f.lineno} {f.name}: {length} lines")
    assert over == []


def test_no_room_is_named_after_nothing() -> None:
    assert [str(p) for p in sources("portal") if p.stem in SWAMPS or p.parent.name in SWAMPS] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [str(p) for p in sources("portal") if not ast.get_docstring(ast.parse(p.read_text()))] == []


def test_every_function_says_what_it_returns() -> None:
    silent = [
        f"{p.relative_to(ROOT)}:{f.lineno} {f.name}"
        for p in sources("portal")
        for f in functions(ast.parse(p.read_text()))
        if f.returns is None
    ]
    assert silent == []


def test_nothing_is_left_unfinished() -> None:
    here = Path(__file__)
    found = [
        f"{p.relative_to(ROOT)}: {word}"
        for top in LIMITS
        for p in sources(top)
        for word in UNFINISHED
        if p != here and word in p.read_text()
    ]
    assert found == []


def test_every_policy_has_the_test_that_alone_is_traced() -> None:
    rooms = {path.parent.name for path in (ROOT / "portal").glob("*/policy.py")}
    assert {path.parent.name for path in (ROOT / "tests").glob("*/test_policy.py")} == rooms
