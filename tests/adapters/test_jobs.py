"""Work beside the requests: queued tasks run once, survive a restart, and a ticker keeps looking."""

import logging
import signal
import stat
import threading
from pathlib import Path

import pytest

from portal.adapters.jobs import JobsRefused, JsonSerializer, Ticker, make_huey, running_workers

PATIENCE_S = 20


class Seen:
    """Collects what tasks report, and waits for a number of reports."""

    def __init__(self) -> None:
        self.items: list[object] = []
        self._changed = threading.Condition()

    def add(self, item: object) -> None:
        with self._changed:
            self.items.append(item)
            self._changed.notify_all()

    def wait_for(self, number: int) -> list[object]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.items) >= number, PATIENCE_S)
            return sorted(self.items, key=str)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.mark.parametrize("place", ["memory:", "sqlite"])
def test_each_queued_task_runs_once(place: str, tmp_path: Path, seen: Seen) -> None:
    huey = make_huey(f"sqlite:///{tmp_path}/jobs.db" if place == "sqlite" else place)
    task = huey.task()(seen.add)
    with running_workers(huey, workers=2):
        for number in range(10):
            task(number)
        assert seen.wait_for(10) == list(range(10))
    assert len(seen.items) == 10


@pytest.mark.postgres
def test_each_queued_task_runs_once_on_postgres(postgres_url: str, seen: Seen) -> None:
    huey = make_huey(postgres_url)
    task = huey.task()(seen.add)
    with running_workers(huey, workers=2):
        for number in range(10):
            task(number)
        assert seen.wait_for(10) == list(range(10))


def test_what_was_queued_before_a_restart_runs_after_it(tmp_path: Path, seen: Seen) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    make_huey(url).task(name="letter")(seen.add)("queued earlier")
    later = make_huey(url)
    later.task(name="letter")(seen.add)
    with running_workers(later):
        assert seen.wait_for(1) == ["queued earlier"]


def test_a_failing_task_does_not_stop_the_worker(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    huey = make_huey("memory:")

    @huey.task()
    def divide(number: int) -> None:
        seen.add(6 / number)

    with caplog.at_level(logging.CRITICAL), running_workers(huey):
        divide(0)
        divide(2)
        assert seen.wait_for(1) == [3]


def test_stopping_lets_the_task_at_work_finish(seen: Seen) -> None:
    huey = make_huey("memory:")
    begun, go_on = threading.Event(), threading.Event()

    @huey.task()
    def slow() -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        seen.add("finished")

    with running_workers(huey):
        slow()
        assert begun.wait(PATIENCE_S)
        threading.Timer(0.2, go_on.set).start()
    assert seen.items == ["finished"]


def test_workers_leave_the_signals_of_the_process_alone() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with running_workers(make_huey("memory:")):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_the_queue_holds_json_and_not_pickle(tmp_path: Path, seen: Seen) -> None:
    huey = make_huey(f"sqlite:///{tmp_path}/jobs.db")
    task = huey.task(name="letter")(seen.add)
    task({"outbox": 7})
    message = JsonSerializer().deserialize(huey.storage.enqueued_items()[0])
    assert (message.name.rpartition(".")[2], message.args, message.kwargs) == ("letter", [{"outbox": 7}], {})


def test_the_queue_file_is_for_the_owner_alone(tmp_path: Path) -> None:
    make_huey(f"sqlite:///{tmp_path}/var/jobs.db")
    modes = [stat.S_IMODE(entry.stat().st_mode) for entry in (tmp_path / "var", tmp_path / "var" / "jobs.db")]
    assert modes == [0o700, 0o600]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("jobs.db", "'jobs.db' is no queue; use sqlite:////path/to/jobs.db or postgresql://…"),
        ("sqlite://", "the queue works on SQLite and PostgreSQL, not on 'sqlite://'"),
        ("redis://localhost", "the queue works on SQLite and PostgreSQL, not on 'redis://localhost'"),
    ],
)
def test_an_unusable_queue_is_refused_with_a_remedy(url: str, message: str) -> None:
    with pytest.raises(JobsRefused) as caught:
        make_huey(url)
    assert str(caught.value) == message


def test_a_ticker_calls_at_once_and_again(seen: Seen) -> None:
    with Ticker(0.01, lambda: seen.add("tick"), name="test"):
        seen.wait_for(3)


def test_a_nudge_brings_the_next_call_forward(seen: Seen) -> None:
    with Ticker(3600, lambda: seen.add("tick"), name="test") as ticker:
        seen.wait_for(1)
        ticker.nudge()
        seen.wait_for(2)


def test_a_nudge_during_a_call_leads_to_one_more(seen: Seen) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def call() -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        seen.add("tick")

    with Ticker(3600, call, name="test") as ticker:
        assert begun.wait(PATIENCE_S)
        ticker.nudge()
        ticker.nudge()
        go_on.set()
        seen.wait_for(2)
    assert seen.items == ["tick", "tick"]


def test_a_call_that_raises_is_logged_and_tried_again(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    def call() -> None:
        seen.add("tick")
        raise OSError("the disk is full")

    with Ticker(0.01, call, name="outbox"):
        seen.wait_for(2)
    assert caplog.records[0].getMessage() == "outbox failed; it is tried again at the next tick"


def test_stop_says_whether_the_call_ended_in_time() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def call() -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)

    ticker = Ticker(3600, call, name="test")
    ticker.start()
    assert begun.wait(PATIENCE_S)
    in_time = ticker.stop(timeout_s=0.05)
    go_on.set()
    assert (in_time, ticker.stop(PATIENCE_S)) == (False, True)
