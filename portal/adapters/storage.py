"""Keeps attachments and letters under the SHA-256 of their content: in a local folder, or in an S3-compatible store.

What is stored is never changed: the same bytes are stored once, and a name can only mean the bytes it was made from.
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, S3Store

_NAME = re.compile(r"[0-9a-f]{64}")


class StorageRefused(Exception):
    """The store cannot be used as it is; the message says what to change."""


class BlobDamaged(Exception):
    """What is stored under a name is not what was stored; restore it from a backup."""


class Storage:
    """A place for blobs; made with `Storage.from_url`."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def from_url(cls, url: str) -> "Storage":
        """`file:///absolute/folder` (made with mode 0700 if missing) or `s3://bucket/prefix`.

        The access to S3 comes from the usual variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for
        another make of store, AWS_ENDPOINT. Raises StorageRefused.
        """
        parts = urlsplit(url)
        if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
            return cls._local(Path(unquote(parts.path)))
        if parts.scheme == "s3" and parts.netloc:
            return cls(S3Store(parts.netloc, prefix=parts.path.strip("/") or None))
        raise StorageRefused(f"{url!r} is no place for files; use file:///absolute/folder or s3://bucket/prefix")

    @classmethod
    def _local(cls, folder: Path) -> "Storage":
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageRefused(f"the folder {folder} cannot be made: {error.strerror}") from error
        return cls(LocalStore(folder), folder)

    def put(self, data: bytes) -> str:
        """Stores the bytes and returns their name, the hex SHA-256. On return they are on the disk."""
        name = hashlib.sha256(data).hexdigest()
        try:
            obstore.put(self._store, _path(name), data, mode="create")
        except AlreadyExistsError:
            return name
        if self._folder is not None:
            _settle(self._folder / _path(name))
        return name

    def get(self, name: str) -> bytes:
        """The bytes of that name. Raises FileNotFoundError, or BlobDamaged if they are not what the name says."""
        data = bytes(obstore.get(self._store, _path(name)).bytes())
        if hashlib.sha256(data).hexdigest() != name:
            raise BlobDamaged(f"the file stored as {name} has changed; restore it from a backup")
        return data

    def exists(self, name: str) -> bool:
        """Whether something is stored under that name."""
        try:
            obstore.head(self._store, _path(name))
        except FileNotFoundError:
            return False
        return True


def _path(name: str) -> str:
    """Where a blob lies; nothing but a hash gets through, so no name can lead elsewhere."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the hex SHA-256 of a stored file")
    return f"{name[:2]}/{name}"


def _settle(path: Path) -> None:
    """Waits until the file and its entries in both folders are on the disk; the store itself does not."""
    for place in (path, path.parent, path.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
