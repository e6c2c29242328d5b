"""What is wrong with a rubric file: each fault with its place and what was expected, for the person who edits it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from portal.domain.rubric_lines import Lines


@dataclass(frozen=True)
class FileProblem:
    """One thing that keeps a file from loading. `table`, `id`, `line` are None where they cannot be told."""

    file: str
    table: str | None
    id: str | None
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        table = f" [{self.table}]" if self.table else ""
        name = f" {self.id}" if self.id else ""
        return f"{place}:{table}{name}{':' if table else ''} {self.message}"

    def as_dict(self) -> dict[str, str | int | None]:
        """The problem as JSON values."""
        return asdict(self)


class RubricFileErrors(ValueError):
    """Rubric files that do not load; carries every problem found, in file and line order."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda found: (found.file, found.line or 0)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def _by_id(row: Any) -> str:
    return str(row["id"])


_NAMED_BY: dict[str, Callable[[Any], str]] = {
    "grade": lambda row: str(row["rank"]),
    "bar": lambda row: f"{row['track']}: {', '.join(row['applies_to'])}",
    "band": lambda row: str(row["level"]),
    "switch": lambda row: f"{row['from']}->{row['to']}",
    "process": lambda row: f"{row['case_type']}/{row['track']}",
    "peer_claim": lambda row: "|".join(row["levels"]),
}


def entry_name(table: str, row: object) -> str | None:
    """How a person would name a row: its id, or what stands for one; None when the row does not say."""
    try:
        return _NAMED_BY.get(table, _by_id)(row)
    except (KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Source:
    """A parsed file: its name, its values, and where they stand."""

    file: str
    values: Mapping[str, Any]
    lines: Lines

    def rows(self, table: str) -> list[tuple[int, Mapping[str, Any]]]:
        """The rows of an array of tables that are tables at all, with their index."""
        found = self.values.get(table)
        rows = found if isinstance(found, tuple) else ()
        return [(index, row) for index, row in enumerate(rows) if isinstance(row, dict)]

    def problem(
        self, message: str, table: str | None = None, index: int = 0, keys: tuple[str, ...] = ()
    ) -> FileProblem:
        """A problem at a key of the index-th such table, or at the head of the file."""
        found = self.values.get(table) if table else None
        row = found[index] if isinstance(found, tuple) and index < len(found) else found
        name = entry_name(table, row) if table else None
        return FileProblem(self.file, table, name, self.lines.find(table, index, keys), message)


def did_you_mean(wanted: object, known: Iterable[str]) -> str:
    """The half-sentence that offers the nearest known word, or nothing."""
    near = get_close_matches(str(wanted), list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "date_type": "a day such as 2026-04-01",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "finite_number": "a finite number",
    "string_pattern_mismatch": 'letters, digits, ".", "_" or "-", a letter or digit first',
    "string_too_short": "some text",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "literal_error": "{expected}",
}


def shape_problems(model: type[BaseModel], source: Source) -> list[FileProblem]:
    """Every way in which a file differs from its model: types, missing and unknown keys, words not on a list."""
    try:
        model.model_validate(source.values)
    except ValidationError as invalid:
        return [_shape_problem(model, source, error) for error in invalid.errors(include_url=False) if not _echo(error)]
    return []


def _echo(error: ErrorDetails) -> bool:
    """A list whose entries are wrong is also reported as too short, although it is long enough as written."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _shape_problem(model: type[BaseModel], source: Source, error: ErrorDetails) -> FileProblem:
    path = error["loc"]
    is_table = isinstance(source.values.get(str(path[0])), dict | tuple) and path[0] in _tables(model)
    table, inside = (str(path[0]), path[1:]) if is_table else (None, path)
    index, inside = (inside[0], inside[1:]) if inside and isinstance(inside[0], int) else (0, inside)
    keys = tuple(part for part in inside if isinstance(part, str))
    return source.problem(_words(model, error, inside), table, index, keys)


def _spelt(path: tuple[int | str, ...]) -> str:
    """A place inside a row as it is spoken of: `points[0].name`, entries of a list counted from 0."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _words(model: type[BaseModel], error: ErrorDetails, inside: tuple[int | str, ...]) -> str:
    kind, name = error["type"], _spelt(inside)
    if kind == "extra_forbidden":
        return f'unknown key "{name}"{did_you_mean(inside[-1], _keys_at(model, error["loc"][:-1]))}'
    if kind == "missing":
        return f'missing {"key" if isinstance(inside[-1], str) else "entry"} "{name}"'
    if kind == "value_error":
        return f"{name}: {error['ctx']['error']}".removeprefix(": ")
    expected = _EXPECTED.get(kind, "").format(**error.get("ctx", {})).replace("'", '"') or error["msg"]
    return f"{name}: expected {expected}, got {_shown(error['input'])}".removeprefix(": ")


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value if len(value) <= 40 else value[:39] + "…"}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | tuple):
        return "a table" if isinstance(value, dict) else f"a list of {len(value)}"
    return str(value)


def _tables(model: type[BaseModel]) -> set[str]:
    return {key for key, (_, inner) in _fields(model).items() if inner is not None}


def _fields(model: type[BaseModel]) -> dict[str, tuple[str, type[BaseModel] | None]]:
    """Each key as it is written in the file, with the attribute it fills and the model inside it, if any."""
    return {field.alias or name: (name, _model_inside(field.annotation)) for name, field in model.model_fields.items()}


def _model_inside(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_model_inside(part) for part in getattr(annotation, "__args__", ()))
    return next((found for found in inside if found is not None), None)


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys allowed at a place in the file."""
    for part in path:
        if isinstance(part, str):
            model = _fields(model)[part][1] or model
    return list(_fields(model))
