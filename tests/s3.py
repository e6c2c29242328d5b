"""An S3 API server for the tests, in a process of its own: the portal speaks to it as to a real store."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import obstore
from obstore.store import S3Store

BUCKET = "attachments"
START_S = 60
_SERVE = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"


@dataclass(frozen=True)
class S3Server:
    port: int
    url: str = f"s3://{BUCKET}/evenbar"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What an operator would set for a store that is not Amazon's."""
        return {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def put(self, key: str, data: bytes) -> None:
        obstore.put(self._bucket(), key, data)

    def get(self, key: str) -> bytes:
        return bytes(obstore.get(self._bucket(), key).bytes())

    def empty(self) -> None:
        """As it was in the beginning: one bucket with nothing in it."""
        self._ask("POST", "/moto-api/reset")
        self._ask("PUT", f"/{BUCKET}")

    def _bucket(self) -> S3Store:
        given = {name.lower(): value for name, value in self.environment().items()}
        return S3Store(BUCKET, config=given)

    def _ask(self, method: str, path: str) -> None:
        signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        request = urllib.request.Request(self.endpoint + path, method=method, headers={"Authorization": signed})
        urllib.request.urlopen(request, timeout=10).close()


@contextmanager
def running_s3() -> Iterator[S3Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = S3Server(free.getsockname()[1])
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", _SERVE, str(server.port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(server)
        server.empty()
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: S3Server) -> None:
    last = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(f"{server.endpoint}/moto-api/", timeout=10).close()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > last:
                raise
            time.sleep(0.1)
        else:
            return
