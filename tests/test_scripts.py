"""The scripts and the container: they parse, and all who name system packages name the same."""

import re
import subprocess
from pathlib import Path

import pytest

from portal.adapters.pdf_child import missing_libraries

ROOT = Path(__file__).parent.parent
SCRIPTS = [path for path in sorted((ROOT / "script").iterdir()) if path.read_text().startswith("#!/bin/sh")]
PANGO = {"libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"}
FONT = {"fonts-dejavu-core", "fonts-wqy-microhei"}


def packages(text: str) -> set[str]:
    words = set(re.findall(r"[\w.-]+", text))
    named = {word for word in words if word.startswith(("libpango", "libharfbuzz", "fonts-"))}
    return {word for word in named if ".so" not in word and ".dylib" not in word}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_parses_and_can_be_started(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], capture_output=True).stderr == b""
    assert script.stat().st_mode & 0o111 == 0o111


def test_an_unknown_option_of_bootstrap_is_a_mistake_of_usage() -> None:
    found = subprocess.run([ROOT / "script" / "bootstrap", "--fast"], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (2, "usage: script/bootstrap [--dev]\n")


@pytest.mark.parametrize("name", ["script/bootstrap", "Dockerfile", "docs/operating.md"])
def test_all_name_the_same_system_packages(name: str) -> None:
    assert packages((ROOT / name).read_text()) == PANGO | FONT


def test_the_health_check_names_the_same_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr("ctypes.CDLL", refuse)
    assert set(missing_libraries()) == PANGO


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "script/tools.lock"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_lock_for_tests_holds_the_lock_for_running() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9.-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()
