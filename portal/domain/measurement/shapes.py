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


def floats(name: str, values: ArrayLike, *, length: int | None = None) -> Floats:
    """One-dimensional floats, nan allowed; ValueError names the argument when the shape or the type is wrong."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers") from error
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {array.ndim}")
    if length is not None and array.size != length:
        raise ValueError(f"{name} has {array.size} entries where {length} are expected")
    return array


def two_dimensional(name: str, values: ArrayLike) -> Floats:
    """Two-dimensional floats, nan allowed; ValueError names the argument."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers in rows of equal length") from error
    if array.ndim != 2:
        raise ValueError(f"{name} must have two dimensions, not {array.ndim}")
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


def codes(name: str, values: Any, *, length: int) -> Ints:
    """Any labels (grades, committees: numbers or words) turned into 0..k-1 in sorted order."""
    array = np.asarray(values)
    if array.shape != (length,):
        raise ValueError(f"{name} has shape {array.shape} where ({length},) is expected")
    return np.unique(array, return_inverse=True)[1].astype(np.int64)


def counts(name: str, value: float) -> int:
    """A whole number of at least 0; ValueError names the argument."""
    if not np.isfinite(value) or value != int(value) or value < 0:
        raise ValueError(f"{name} must be a whole number from 0, not {value}")
    return int(value)
