"""Puts imported rubric files into a folder: all of them or none, and never over a file that is there."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from portal.domain.problems import InvalidInput
from portal.domain.rubric_files import RubricFileErrors, read_folder


def check_free(out: Path) -> None:
    """Raises `InvalidInput` unless rubric files may be put here: a new folder, or one without rubric files."""
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"{out} is a file; name a folder, new or without rubric files")
    if held := sorted(file.name for file in out.glob("*.toml")):
        raise InvalidInput(f"{out} holds {', '.join(held)} already; name a folder, new or without rubric files")


def write_folder(out: Path, texts: Mapping[str, str]) -> list[Path]:
    """Writes the files beside their place, reads them as any rubric folder is read, then moves them in; their paths.

    Raises `InvalidInput` when the folder is not free or what was written does not load; nothing stays behind then.
    """
    check_free(out)
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=out, prefix=".import-") as beside:
            for name, text in texts.items():
                Path(beside, name).write_text(text, encoding="utf-8", newline="\n")
            read_folder(Path(beside))
            return [Path(beside, name).rename(out / name) for name in texts]
    except (OSError, RubricFileErrors) as failed:
        for name in texts:  # none of them was here before
            (out / name).unlink(missing_ok=True)
        if is_new:
            out.rmdir()
        problems = tuple(map(str, failed.problems)) if isinstance(failed, RubricFileErrors) else (str(failed),)
        raise InvalidInput(f"nothing was written to {out}:", problems) from failed
