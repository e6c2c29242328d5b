"""A long list, a page at a time."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Page:
    """Part of a list: its rows, which page of how many, and the total of the whole. `first` and `last` count from
    one."""

    rows: list[Row[Any]]
    number: int
    pages: int
    total: int
    before: int

    @property
    def first(self) -> int:
        return self.before + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.before + len(self.rows)


def page_of(s: Session, q: Select[*tuple[Any, ...]], *, total: int, size: int, number: int) -> Page:
    """The rows of one page of an ordered query that has `total` of them. A number past the end gives the last page."""
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    before = (number - 1) * size
    return Page(list(s.execute(q.limit(size).offset(before))), number, pages, total, before)
