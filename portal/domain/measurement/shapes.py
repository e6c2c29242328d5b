"""The doors of the measurement room: arrays are brought to one type, and a wrong shape is refused by the name of its
argument.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
ArrayLike = npt.ArrayLike | Sequence[Any]


def numbers(name: str, values: ArrayLike, what: str = "numbers") -> Floats:
    """Floats of any shape; ValueError names the argument when something in it is no number, or infinite."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold {what}") from error
    if np.isinf(array).any():
        raise ValueError(f"{name} must be finite or nan; entry {int(np.argmax(np.isinf(array)))} is infinite")
    return array


def floats(name: str, values: ArrayLike, *, length: int | None = None) -> Floats:
    """One-dimensional finite floats or nan; ValueError names the argument when the shape or the type is wrong."""
    array = numbers(name, values)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {array.ndim}")
    if length is not None and array.size != length:
        raise ValueError(f"{name} has {array.size} entries where {length} are expected")
    return array


def two_dimensional(name: str, values: ArrayLike) -> Floats:
    """Two-dimensional finite floats or nan, `[]` being a table without rows; ValueError names the argument."""
    array = numbers(name, values, "numbers in rows of equal length")
    if array.shape == (0,):
        return array.reshape(0, 0)
    if array.ndim != 2:
        raise ValueError(f"{name} must have two dimensions, not {array.ndim}")
    return array


def whole(name: str, values: ArrayLike) -> Floats:
    """Counts of any shape, as floats; ValueError names the argument unless all are whole numbers from 0."""
    array = numbers(name, values, "whole numbers from 0")
    if not ((array >= 0) & (array == np.rint(array))).all():
        raise ValueError(f"{name} must hold whole numbers from 0")
    return array


def labels(name: str, values: ArrayLike, *, length: int | None = None) -> Ints:
    """Integer labels 0..n-1 as int64; ValueError names the argument when one is negative or not whole."""
    array = floats(name, values, length=length)
    whole = np.isfinite(array) & (array == np.rint(array)) & (array >= 0)
    if not whole.all():
        raise ValueError(f"{name} must hold whole numbers from 0; entry {int(np.argmin(whole))} does not")
    return array.astype(np.int64)


def decisions(name: str, values: ArrayLike, *, length: int | None = None) -> Floats:
    """Decisions as 1.0 (approved), 0.0 (refused) or nan (no decision); ValueError names the argument."""
    array = floats(name, values, length=length)
    known = array[~np.isnan(array)]
    if not np.isin(known, (0.0, 1.0)).all():
        raise ValueError(f"{name} must hold approved (1), refused (0) or nan, nothing else")
    return array


def sides(name: str, values: ArrayLike, *, length: int | None = None, unknown: bool = False) -> Floats:
    """0.0 (IC) or 1.0 (manager), with `unknown` also nan; ValueError names the argument."""
    array = floats(name, values, length=length)
    if not (np.isin(array, (0.0, 1.0)) | (unknown & np.isnan(array))).all():
        raise ValueError(f"{name} must hold 0 (IC) or 1 (manager){', or nan' if unknown else ''}")
    return array


def codes(name: str, values: Any, *, length: int) -> Ints:
    """Any labels (grades, committees: numbers or words, None among them) turned into 0..k-1 in sorted order."""
    array = np.asarray(values)
    if array.shape != (length,):
        raise ValueError(f"{name} has shape {array.shape} where ({length},) is expected")
    if array.dtype.kind == "O":
        array = array.astype(np.str_)
    return np.unique(array, return_inverse=True)[1].astype(np.int64)


def number(name: str, value: Any) -> float:
    """One number; ValueError names the argument."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number, not {value!r}") from error


def counts(name: str, value: Any) -> int:
    """A whole number of at least 0; ValueError names the argument."""
    given = number(name, value)
    if not np.isfinite(given) or given != int(given) or given < 0:
        raise ValueError(f"{name} must be a whole number from 0, not {value}")
    return int(given)
