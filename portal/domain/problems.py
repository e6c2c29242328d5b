"""Exceptions that mean something to a person. Each has one handler in the web kit, and none leaves work half done."""

from collections.abc import Mapping


class Problem(Exception):
    """A refusal with a sentence for the person who tried. `message` is shown as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(Problem):
    """The rules of the house do not allow this, whoever asks (409)."""


class NotPermitted(Problem):
    """This person may not do this (403)."""


class StaleVersion(Problem):
    """Someone else, or another tab, saved first (409). Nothing was overwritten; both texts are in the exception.

    `mine` and `theirs` map a field's label to its text."""

    def __init__(self, message: str, *, mine: Mapping[str, str], theirs: Mapping[str, str], version: int) -> None:
        super().__init__(message)
        self.mine, self.theirs, self.version = dict(mine), dict(theirs), version


class InvalidInput(Problem):
    """A command got input that no form should have let through, or a file has bad rows (422)."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class TooManyTries(Problem):
    """A limit was reached; the same may be tried again later (429)."""
