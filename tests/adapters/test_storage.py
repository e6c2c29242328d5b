"""Blobs: stored once under their hash, private, never anything else, in a folder or in an S3-compatible store."""

import hashlib
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from portal.adapters.storage import BlobDamaged, Storage, StorageRefused

TEXT = b"a letter"
NAME = hashlib.sha256(TEXT).hexdigest()


class BucketServer(ThreadingHTTPServer):
    """As much of S3 as content-addressed storage needs: conditional PUT, GET and HEAD."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BucketHandler)
        self.objects: dict[str, bytes] = {}
        self.answers: list[tuple[str, int]] = []


class BucketHandler(BaseHTTPRequestHandler):
    server: BucketServer
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        taken = self.path in self.server.objects and self.headers["If-None-Match"] == "*"
        if not taken:
            self.server.objects[self.path] = data
        self._answer(412 if taken else 200)

    def do_GET(self) -> None:
        data = self.server.objects.get(self.path)
        self._answer(404 if data is None else 200, data or b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.server.answers.append((self.command, status))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sun, 01 Mar 2026 09:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def bucket() -> Iterator[BucketServer]:
    with BucketServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def remote(bucket: BucketServer, monkeypatch: pytest.MonkeyPatch) -> Storage:
    settings = {
        "AWS_ENDPOINT": f"http://127.0.0.1:{bucket.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "local",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return Storage.from_url("s3://letters/evenbar")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "blobs"


@pytest.fixture
def local(folder: Path) -> Storage:
    return Storage.from_url(folder.as_uri())


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


def test_a_bucket_is_asked_not_to_overwrite(remote: Storage, bucket: BucketServer) -> None:
    remote.put(TEXT)
    remote.put(TEXT)
    assert bucket.answers == [("PUT", 200), ("PUT", 412)]
    assert bucket.objects == {f"/letters/evenbar/{NAME[:2]}/{NAME}": TEXT}


@pytest.mark.parametrize("url", ["var/blobs", "file:relative", "file://host/folder", "s3:///x", "http://x/y", ""])
def test_an_unusable_place_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(StorageRefused) as caught:
        Storage.from_url(url)
    assert str(caught.value) == f"{url!r} is no place for files; use file:///absolute/folder or s3://bucket/prefix"


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(StorageRefused, match="the folder /dev/null/x cannot be made: "):
        Storage.from_url("file:///dev/null/x")
