"""Blobs: stored once under their hash, private, never anything else, in a folder or in an S3-compatible store."""

import hashlib
import secrets
import stat
import tracemalloc
from io import BytesIO
from pathlib import Path
from unittest import mock

import obstore
import pytest

from portal.adapters.storage import BlobDamaged, Storage, StorageFailed, StorageRefused
from tests.s3 import S3Server

TEXT = b"a letter"
NAME = hashlib.sha256(TEXT).hexdigest()
LARGE = bytes(range(256)) * 30_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "blobs"


@pytest.fixture
def local(folder: Path) -> Storage:
    return Storage.from_url(folder.as_uri())


@pytest.fixture
def remote(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Storage:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    s3.empty()
    return Storage.from_url(s3.url)


@pytest.fixture(params=["local", "remote"])
def storage(request: pytest.FixtureRequest) -> Storage:
    return request.getfixturevalue(request.param)


def test_what_was_put_is_got_back_under_its_hash(storage: Storage) -> None:
    assert storage.put(TEXT) == NAME
    assert storage.get(NAME) == TEXT


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 20_000], ids=["nothing", "five megabytes"])
def test_any_size_is_kept(storage: Storage, data: bytes) -> None:
    assert storage.get(storage.put(data)) == data


def test_the_same_bytes_have_one_name(storage: Storage) -> None:
    assert (storage.put(TEXT), storage.put(TEXT)) == (NAME, NAME)


def test_exists_tells_before_from_after(storage: Storage) -> None:
    before = storage.exists(NAME)
    storage.put(TEXT)
    assert (before, storage.exists(NAME)) == (False, True)


def test_a_missing_blob_is_a_missing_file(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        storage.get(NAME)


@pytest.mark.parametrize("name", ["../secret", "", "a" * 63, "A" * 64, NAME + "/..", NAME + "\n", "/etc/passwd"])
def test_only_a_hash_is_a_name(storage: Storage, name: str) -> None:
    with pytest.raises(ValueError, match="is not the hex SHA-256 of a stored file"):
        storage.get(name)
    with pytest.raises(ValueError, match="is not the hex SHA-256 of a stored file"):
        storage.exists(name)


def test_the_folder_is_for_the_owner_alone(local: Storage, folder: Path) -> None:
    local.put(TEXT)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [entry.relative_to(folder).as_posix() for entry in folder.rglob("*") if entry.is_file()] == [
        f"{NAME[:2]}/{NAME}"
    ]


def test_a_changed_file_is_noticed(local: Storage, folder: Path) -> None:
    local.put(TEXT)
    (folder / NAME[:2] / NAME).write_bytes(b"a better letter")
    with pytest.raises(BlobDamaged, match=f"the file stored as {NAME} has changed; restore it from a backup"):
        local.get(NAME)


def test_what_lies_in_a_bucket_is_never_overwritten(remote: Storage, s3: S3Server) -> None:
    s3.put(f"evenbar/{NAME[:2]}/{NAME}", b"somebody was here before")
    assert remote.put(TEXT) == NAME
    remote.put_file(BytesIO(TEXT), NAME)
    assert s3.get(f"evenbar/{NAME[:2]}/{NAME}") == b"somebody was here before"


def test_a_large_file_in_a_bucket_is_never_overwritten_either(remote: Storage, s3: S3Server) -> None:
    name = hashlib.sha256(LARGE).hexdigest()
    s3.put(f"evenbar/{name[:2]}/{name}", b"somebody was here before")
    with mock.patch.object(Storage, "exists", lambda self, n: False):  # it came between the question and the answer
        remote.put_file(BytesIO(LARGE), name)
    assert s3.get(f"evenbar/{name[:2]}/{name}") == b"somebody was here before"


@pytest.mark.parametrize("data", [TEXT, LARGE], ids=["small", "large"])
def test_a_file_is_stored_and_given_back_piece_by_piece(storage: Storage, data: bytes) -> None:
    name = hashlib.sha256(data).hexdigest()
    storage.put_file(BytesIO(data), name)
    found = storage.stream(name)
    assert (found.size, b"".join(found.pieces)) == (len(data), data)
    assert [stored.name for stored in storage.everything()] == [name]


def test_neither_way_a_large_file_is_whole_in_memory(storage: Storage, tmp_path: Path) -> None:
    data = tmp_path / "large"
    piece, check = secrets.token_bytes(1024 * 1024), hashlib.sha256()
    with data.open("wb") as f:
        for _ in range(40):
            f.write(piece)
            check.update(piece)
    name = check.hexdigest()
    tracemalloc.start()
    with data.open("rb") as f:
        storage.put_file(f, name)
    got = hashlib.sha256()
    for part in storage.stream(name).pieces:
        got.update(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (got.hexdigest(), peak < 12 * 1024 * 1024) == (name, True)


@pytest.mark.parametrize("data", [TEXT, LARGE], ids=["small", "large"])
def test_a_file_that_is_not_what_it_was_found_to_be_is_not_kept_as_that(storage: Storage, data: bytes) -> None:
    other = hashlib.sha256(b"another").hexdigest()
    with pytest.raises(BlobDamaged, match="the file changed while it was stored"):
        storage.put_file(BytesIO(data), other)
    assert (storage.exists(other), [s.path for s in storage.everything() if not s.name]) == (False, [])


def test_a_changed_file_is_cut_short_rather_than_given_whole(local: Storage, folder: Path) -> None:
    name = local.put(LARGE)
    (folder / name[:2] / name).write_bytes(LARGE[:-1] + b"!")
    got = b""
    with pytest.raises(BlobDamaged, match=f"the file stored as {name} has changed"):
        for part in local.stream(name).pieces:
            got += part
    assert len(got) < len(LARGE)


def test_what_never_became_a_blob_is_told_apart_and_removed(storage: Storage) -> None:
    storage.put(TEXT)
    obstore.put(storage._store, "arriving/0f", b"half of it")
    listed = {stored.path: stored for stored in storage.everything()}
    assert {path: (stored.name, stored.size) for path, stored in listed.items()} == {
        f"{NAME[:2]}/{NAME}": (NAME, len(TEXT)),
        "arriving/0f": ("", 10),
    }
    storage.remove(listed["arriving/0f"])
    storage.remove(listed["arriving/0f"])
    assert [stored.name for stored in storage.everything()] == [NAME]


def test_a_store_that_does_not_take_a_file_is_said(monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> None:
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageFailed, match="could not be stored just now"):
        Storage.from_url("s3://no-such-bucket/evenbar").put_file(BytesIO(TEXT), NAME)


@pytest.mark.parametrize("url", ["var/blobs", "file:relative", "file://host/folder", "s3:///x", "http://x/y", ""])
def test_an_unusable_place_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(StorageRefused) as caught:
        Storage.from_url(url)
    assert str(caught.value) == f"{url!r} is no place for files; use file:///absolute/folder or s3://bucket/prefix"


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(StorageRefused, match="the folder /dev/null/x cannot be made: "):
        Storage.from_url("file:///dev/null/x")
