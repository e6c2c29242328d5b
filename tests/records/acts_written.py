"""Finds in the source every act and every kind of thing that the portal writes into the audit log: what reaches
`record(action=…, thing=…)`, through constants, conditions, f-strings and functions that pass their argument on."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from portal.domain.case_flow import Action
from portal.models.trial import TrialEnd
from portal.reviews.queries.chasing import What

ROOT = Path(__file__).parents[2]
START = ("portal.models.audit", "record")
ANY = "*"  # an id in an f-string
VALUES = {  # what stands between the braces of an act
    "action.value": [one.value for one in Action],
    "outcome.value": [one.value for one in TrialEnd],
    "waited.what.value": [one.value for one in What],
    "purpose": ["invite", "reset"],
}


@dataclass(frozen=True)
class Source:
    """One module, and where the names in it come from."""

    name: str
    tree: ast.Module

    def home_of(self, name: str) -> tuple[str, str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return node.module, alias.name
        return self.name, name

    def functions(self) -> Iterator[ast.FunctionDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef))


@cache
def sources() -> dict[str, Source]:
    found = {}
    for path in sorted((ROOT / "portal").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = Source(name, ast.parse(path.read_text()))
    return found


@cache
def written(field: str) -> frozenset[str]:
    """Every value that reaches `record` as `field`; an id in it is told as `*`."""
    found: set[str] = set()
    passing = {START: field}
    while True:
        more = dict(passing)
        for source in sources().values():
            for function in source.functions():
                for given in _given(source, function, passing):
                    said = _values(source, function, given, field)
                    found |= said - {None}
                    if None in said:
                        more[source.name, function.name] = _parameter(function, given)
        if more == passing:
            return frozenset(found)
        passing = more


def readings() -> frozenset[str]:
    """What routes say is read through them, and what is told of files made of many cases."""
    found = set()
    for source in sources().values():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                found |= {
                    k.value.value for k in node.keywords if k.arg == "reads" and isinstance(k.value, ast.Constant)
                }
                if getattr(node.func, "id", "") == "note_readings" and isinstance(node.args[1], ast.Constant):
                    found.add(node.args[1].value)
    return frozenset(found)


def _given(source: Source, function: ast.FunctionDef, passing: dict[tuple[str, str], str]) -> Iterator[ast.expr]:
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        home = source.home_of(call.func.id)
        if home not in passing or (source.name, function.name) == START:
            continue
        named = [k.value for k in call.keywords if k.arg == passing[home]]
        yield from named or _by_place(home, call, passing[home])


def _by_place(home: tuple[str, str], call: ast.Call, parameter: str) -> list[ast.expr]:
    if home == START:
        return _from_mapping(call)
    function = next(f for f in sources()[home[0]].functions() if f.name == home[1])
    place = [a.arg for a in function.args.args].index(parameter) if parameter in _names(function) else -1
    return [call.args[place]] if 0 <= place < len(call.args) else []


def _from_mapping(call: ast.Call) -> list[ast.expr]:
    """`**where`: the name itself, whose assignment says what is in it."""
    return [k.value for k in call.keywords if k.arg is None]


def _names(function: ast.FunctionDef) -> list[str]:
    return [a.arg for a in function.args.args]


def _parameter(function: ast.FunctionDef, given: ast.expr) -> str:
    known = {a.arg for a in [*function.args.args, *function.args.kwonlyargs]}
    return next(node.id for node in ast.walk(given) if isinstance(node, ast.Name) and node.id in known)


def _values(source: Source, function: ast.FunctionDef, given: ast.expr, field: str) -> set[str | None]:
    """The strings an expression may stand for; None says that the function was given it."""
    match given:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return _values(source, function, given.body, field) | _values(source, function, given.orelse, field)
        case ast.BoolOp():
            return set().union(*(_values(source, function, one, field) for one in given.values))
        case ast.Dict():
            named = zip(given.keys, given.values, strict=True)
            inner = [v for k, v in named if isinstance(k, ast.Constant) and k.value == field]
            return set().union(*(_values(source, function, one, field) for one in inner))
        case ast.JoinedStr():
            return {"".join(parts) for parts in product(*(_part(one, field) for one in given.values))}
        case ast.Name(id=name):
            return _named(source, function, name, field)
    raise AssertionError(f"{source.name}, line {given.lineno}: {ast.unparse(given)} cannot be followed")


def _part(part: ast.expr, field: str) -> list[str]:
    if isinstance(part, ast.Constant):
        return [str(part.value)]
    said = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""
    return VALUES[said] if field == "action" else [ANY]


def _named(source: Source, function: ast.FunctionDef, name: str, field: str) -> set[str | None]:
    if name in {a.arg for a in [*function.args.args, *function.args.kwonlyargs]}:
        return {None}
    home, there = source.home_of(name)
    for scope, at in ((function, source), (sources()[home].tree, sources()[home])):
        for target, value in _assigned(scope):
            if target == (name if scope is function else there):
                return _values(at, function, value, field)
    raise AssertionError(f"{source.name}: {name} cannot be followed")


def _assigned(scope: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from (
                        (t.id, v) for t, v in zip(target.elts, node.value.elts, strict=True) if isinstance(t, ast.Name)
                    )
