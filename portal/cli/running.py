"""Commands that keep running: the server, the worker, the demonstration."""

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from flask import Flask

from portal.adapters.clock import now
from portal.adapters.jobs import Ticker, make_huey, running_workers
from portal.adapters.storage import Storage
from portal.app import create_app, outbox_of
from portal.calibration.jobs import restate
from portal.cases.jobs import still_concerns
from portal.cli import place
from portal.decisions.jobs import close_due, look_after_panels
from portal.letters.jobs import release_due
from portal.people.jobs import send_digests
from portal.records.jobs import retain, sweep
from portal.reviews.jobs import chase
from portal.settings import Settings
from portal.web.database import engine_of

WORKER_SECONDS = 2.0
THREADS = 8
CLOSING_SECONDS = 600.0
RESTATING_SECONDS = 600.0
DIGEST_SECONDS = 60.0
CHASING_SECONDS = 300.0
SWEEPING_SECONDS = 3600.0
RELEASE_SECONDS = 5.0
KEEPING_SECONDS = 86_400.0
WORKERS = 2
RENEW_SECONDS = 15.0
AT_ONCE = 24  # rows queued at a time: what a killed worker had queued waits for a lease to lapse


def add_to(commands: Any) -> None:
    serve = commands.add_parser("serve", help="serve the portal, with the background worker in the same process")
    _address(serve)
    serve.add_argument("--no-worker", action="store_true", help="run `evenbar worker` elsewhere instead")
    serve.set_defaults(run=_serve)
    demo = commands.add_parser("demo", help="seed a demonstration if there is none, then serve it")
    _address(demo)
    demo.set_defaults(run=_demo)
    worker = commands.add_parser("worker", help="send mails and render letters until stopped")
    worker.add_argument("--once", action="store_true", help="do what is due now, then end")
    worker.set_defaults(run=_worker)


def _address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)


def _serve(given: argparse.Namespace) -> int:
    settings = place.settings()
    app = create_app(settings)
    _run(app, given.host, given.port, with_worker=not given.no_worker)
    return 0


def _demo(given: argparse.Namespace) -> int:
    from portal.demo.seed import seed_if_empty

    settings = place.demo_settings(host=given.host, port=given.port)
    engine = place.migrated(settings.database_url)
    print("Making the demonstration, if there is none yet; the first time takes a little while.", flush=True)
    storage = Storage.from_url(settings.storage_url)
    if seed_if_empty(engine, storage=storage, base_url=settings.base_url, now=now()):
        print("The organisation was made: invented people, a finished cycle and one in progress.", flush=True)
    app = create_app(settings, engine=engine)
    _greet(settings)
    _run(app, given.host, given.port, with_worker=True)
    return 0


def _greet(settings: Settings) -> None:
    print(f"Evenbar is at {settings.base_url}", flush=True)
    print(
        f"Sign in at {settings.base_url}/sign-in with one click on a role. Stop with Ctrl-C.",
        flush=True,
    )


def _worker(given: argparse.Namespace) -> int:
    app = create_app(place.settings())
    if given.once:
        chase(engine_of(app))
        send_digests(engine_of(app), still_concerns)
        released = release_due(engine_of(app))
        restate(engine_of(app))
        print(f"{outbox_of(app).run_due() + released} done or tried")
        return 0
    stop = threading.Event()
    _on_stop(lambda *_: stop.set())
    with _working(app):
        stop.wait()
    return 0


@contextmanager
def _working(app: Flask) -> Iterator[None]:
    """Work beside the requests: what the outbox has due is queued, and worker threads do it."""
    settings: Settings = app.config["SETTINGS"]
    outbox = outbox_of(app)
    huey = make_huey(settings.jobs_url or "memory:")
    store = Storage.from_url(settings.storage_url)

    def deliver(row_id: int) -> None:
        outbox.deliver(row_id)
        if len(huey) < WORKERS:
            ticker.nudge()

    queue = huey.task()(deliver)

    def take() -> None:
        if (room := AT_ONCE - len(huey)) > 0:
            for row_id in outbox.claim(room):
                queue(row_id)

    ticker = Ticker(WORKER_SECONDS, take, name="outbox")
    with (
        running_workers(huey, WORKERS),
        ticker,
        Ticker(RENEW_SECONDS, outbox.renew, name="leases"),
        Ticker(RELEASE_SECONDS, lambda: release_due(engine_of(app)), name="releases"),
        Ticker(CLOSING_SECONDS, lambda: close_due(engine_of(app)), name="closing"),
        Ticker(CLOSING_SECONDS, lambda: look_after_panels(engine_of(app)), name="panels"),
        Ticker(RESTATING_SECONDS, lambda: restate(engine_of(app)), name="statements"),
        Ticker(CHASING_SECONDS, lambda: chase(engine_of(app)), name="chasing"),
        Ticker(DIGEST_SECONDS, lambda: send_digests(engine_of(app), still_concerns), name="digests"),
        Ticker(KEEPING_SECONDS, lambda: retain(engine_of(app), months=settings.retention_months), name="retention"),
        Ticker(SWEEPING_SECONDS, lambda: sweep(engine_of(app), store), name="sweeping"),
    ):
        yield


def _run(app: Flask, host: str, port: int, *, with_worker: bool) -> None:
    from waitress import create_server

    server = create_server(app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True)
    _on_stop(lambda *_: server.close())
    with ExitStack() as stack:
        if with_worker:
            stack.enter_context(_working(app))
        try:
            server.run()
        except OSError:
            if server.accepting:
                raise


def _on_stop(act: Any) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        act()
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
