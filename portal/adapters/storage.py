"""Keeps attachments and letters under the SHA-256 of their content: in a local folder, or in an S3-compatible store.

What is stored is never changed: the same bytes are stored once, and a name can only mean the bytes it was made from.
Large files pass through piece by piece, in and out.
"""

import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store
from sqlalchemy.orm import Session

from portal.adapters.database import hold

_log = logging.getLogger(__name__)
PIECE = 256 * 1024
_AT_ONCE = 1024 * 1024  # what is smaller goes in one request
_PART = 5 * 1024 * 1024  # S3 takes no smaller part
_ARRIVING = "arriving"
_KEEPERS = 0x65766E62  # the queue of those who refer to a blob and those who remove what nobody refers to
_PATIENCE: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}  # a person waits at the other end
_NAME = re.compile(r"[0-9a-f]{64}")


class StorageRefused(Exception):
    """The store cannot be used as it is; the message says what to change."""


class StorageFailed(Exception):
    """The store did not take a file just now; the message is for the person who sent it."""


class BlobDamaged(Exception):
    """What is stored under a name is not what was stored; restore it from a backup."""


@dataclass(frozen=True)
class Stored:
    """Something that lies in the store. `name` is empty for what began to arrive and never became a blob."""

    path: str
    name: str
    size: int
    since: datetime


@dataclass(frozen=True)
class Blob:
    """On its way out of the store. `size` in bytes."""

    size: int
    pieces: Iterator[bytes]


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
            prefix = parts.path.strip("/") or None
            return cls(
                S3Store(parts.netloc, prefix=prefix, config={"copy_if_not_exists": "multipart"}, retry_config=_PATIENCE)
            )
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
        with suppress(AlreadyExistsError):
            obstore.put(self._store, _path(name), data, mode="create")
            self._settle(name)
        return name

    def put_file(self, file: IO[bytes], name: str) -> None:
        """Stores a file under the hash it was found to have, reading it a second time, a part at a time.

        A large file arrives under another name first, so that nothing unfinished ever bears the name of a blob. Raises
        BlobDamaged if what is read now is not what was read before."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        try:
            if size <= _AT_ONCE:
                stored = self.put(file.read())
            else:
                stored = name if self.exists(name) else self._put_large(file, name)
        except (BaseError, OSError) as error:
            _log.error("a file could not be stored: %s", error)
            raise StorageFailed("The file could not be stored just now. Nothing was lost; try again later.") from error
        if stored != name:
            raise BlobDamaged(f"the file changed while it was stored as {name}; send it again")

    def _put_large(self, file: IO[bytes], name: str) -> str:
        arriving = f"{_ARRIVING}/{secrets.token_hex(16)}"
        check = hashlib.sha256()
        try:
            obstore.put(self._store, arriving, _hashed(file, check), chunk_size=_PART, max_concurrency=1)
            if check.hexdigest() == name:
                with suppress(AlreadyExistsError):
                    obstore.copy(self._store, arriving, _path(name), overwrite=False)
                    self._settle(name)
        finally:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, arriving)
        return check.hexdigest()

    def get(self, name: str) -> bytes:
        """The bytes of that name. Raises FileNotFoundError, or BlobDamaged if they are not what the name says."""
        data = bytes(obstore.get(self._store, _path(name)).bytes())
        if hashlib.sha256(data).hexdigest() != name:
            raise _damaged(name)
        return data

    def stream(self, name: str) -> Blob:
        """The same piece by piece. The last piece is only given once all are known to be what was stored: who reads
        along gets a file that is cut short rather than one that is wrong. Raises FileNotFoundError at once."""
        found = obstore.get(self._store, _path(name))
        return Blob(int(found.meta["size"]), self._pieces(name, found))

    def _pieces(self, name: str, found: Any) -> Iterator[bytes]:
        check, waiting = hashlib.sha256(), b""
        for piece in found.stream(min_chunk_size=PIECE):
            if waiting:
                yield waiting
            waiting = bytes(piece)
            check.update(waiting)
        if check.hexdigest() != name:
            raise _damaged(name)
        yield waiting

    def exists(self, name: str) -> bool:
        """Whether something is stored under that name."""
        try:
            obstore.head(self._store, _path(name))
        except FileNotFoundError:
            return False
        return True

    def everything(self) -> Iterator[Stored]:
        """All that lies in the store, blobs and what never became one, in no order."""
        for batch in obstore.list(self._store):
            for found in batch:
                path = str(found["path"])
                last = path.rsplit("/", 1)[-1]
                name = last if _NAME.fullmatch(last) and path == _path(last) else ""
                yield Stored(path, name, int(found["size"]), found["last_modified"])

    def remove(self, stored: Stored) -> None:
        """Take something out for good. Only for what nothing refers to; see `holding`."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, stored.path)

    def _settle(self, name: str) -> None:
        """Waits until a blob and its entries in both folders are on the disk; the local store itself does not."""
        if self._folder is None:
            return
        path = self._folder / _path(name)
        for place in (path, path.parent, path.parent.parent):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def holding(s: Session) -> None:
    """Until this write transaction ends, nobody else may begin to refer to a blob or remove one: who refers to one
    looks here that it is still there, who removes one looks here that nothing refers to it."""
    hold(s, _KEEPERS)


def _hashed(file: IO[bytes], check: Any) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        check.update(piece)
        yield piece


def _damaged(name: str) -> BlobDamaged:
    return BlobDamaged(f"the file stored as {name} has changed; restore it from a backup")


def _path(name: str) -> str:
    """Where a blob lies; nothing but a hash gets through, so no name can lead elsewhere."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the hex SHA-256 of a stored file")
    return f"{name[:2]}/{name}"
