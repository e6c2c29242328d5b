"""The measurements start: what they take from the portal and from the tests is still there under its name."""

from importlib import import_module

import pytest

from portal.settings import ROOT

FILES = sorted(path.relative_to(ROOT).with_suffix("") for path in (ROOT / "bench").rglob("*.py"))


@pytest.mark.parametrize("name", [".".join(path.parts) for path in FILES])
def test_a_measurement_can_be_imported(name: str) -> None:
    assert import_module(name).__doc__
