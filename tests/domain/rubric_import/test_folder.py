"""Into the folder goes everything or nothing, and never over a file that is there."""

from pathlib import Path

import pytest

from portal.domain.problems import InvalidInput
from portal.domain.rubric_import.folder import write_folder

ORG = 'schema = "ladder/1"\nkind = "org"\nid = "acme"\n'
FAMILY = 'schema = "ladder/1"\nkind = "family"\nid = "eng"\nname = "Engineering"\norg = "acme"\n'


def everything_in(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_files_stand_in_the_folder_and_nothing_else_does(tmp_path):
    texts = {"org.toml": ORG, "eng.toml": FAMILY}
    out = tmp_path / "new" / "rubrics"
    assert write_folder(out, texts) == [out / "org.toml", out / "eng.toml"]
    assert everything_in(out) == texts


def test_a_folder_with_rubric_files_is_left_alone(tmp_path):
    (tmp_path / "mine.toml").write_text("mine = 1")
    with pytest.raises(InvalidInput) as refused:
        write_folder(tmp_path, {"org.toml": ORG})
    expected = f"{tmp_path} holds mine.toml already; name a folder, new or without rubric files"
    assert refused.value.message == expected
    assert everything_in(tmp_path) == {"mine.toml": "mine = 1"}


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InvalidInput, match="out is a file; name a folder, new or without rubric files"):
        write_folder(tmp_path / "out", {"org.toml": ORG})


@pytest.mark.parametrize("is_new", [True, False])
def test_files_that_do_not_load_are_not_kept(tmp_path, is_new):
    out = tmp_path / "out"
    if not is_new:
        out.mkdir()
    with pytest.raises(InvalidInput) as refused:
        write_folder(out, {"org.toml": ORG, "eng.toml": FAMILY.replace("acme", "other")})
    assert refused.value.problems == ('eng.toml:5: org "other" does not exist; the organisation file here is "acme"',)
    assert out.exists() != is_new
    assert everything_in(tmp_path) == {}


def test_a_failure_halfway_takes_back_what_was_moved(tmp_path, monkeypatch):
    rename = Path.rename

    def failing(self, target):
        if self.name == "eng.toml":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(InvalidInput) as refused:
        write_folder(tmp_path / "out", {"org.toml": ORG, "eng.toml": FAMILY})
    assert refused.value.problems == ("[Errno 28] No space left on device",)
    assert list(tmp_path.iterdir()) == []
