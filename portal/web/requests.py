"""What a request may hold before any page looks at it: text without NUL, which no text column holds, and numbers in an
address that fit a column. Whatever does not is no error of the portal's."""

from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


class WithoutNul(ImmutableMultiDict[str, Any]):
    """The values of a query or a form; NUL is dropped from each text. Files are as they were sent."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__([(key, _tidy(value)) for key, value in iter_multi_items(mapping or ())])


def _tidy(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) else value


class TidyRequest(Request):
    parameter_storage_class = WithoutNul


class FittingInteger(IntegerConverter):
    """A number that a column can hold; any other is an address that does not exist."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = LARGEST) -> None:
        super().__init__(map, fixed_digits=fixed_digits, min=min, max=max)


def install(app: Flask) -> None:
    """Call it before the first address is registered."""
    app.request_class = TidyRequest
    app.url_map.converters["int"] = FittingInteger

    @app.before_request
    def refuse_nul() -> None:
        if "\x00" in request.path:
            abort(404)
