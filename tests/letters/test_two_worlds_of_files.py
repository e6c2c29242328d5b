"""What is collected, previewed and counted by somebody kept out of one case is the same bytes whether that case has no
decision, one, another one, or a letter ordered to leave: page, list, order, job progress, file, name, length."""

import io
import zipfile
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select

from portal.adapters.storage import Storage
from portal.letters import releases
from portal.letters.commands import release, render
from portal.models.case import ConflictSource, Recusal
from portal.models.decision import Outcome
from portal.models.letter import Letter
from portal.models.outbox import OutboxRow
from tests.letters.stages import BASE, prepared
from tests.letters.test_planned import TOMORROW
from tests.letters.test_two_worlds import decide_otherwise
from tests.two_worlds import masked
from tests.world import NOW, World

URL = "/cycles/spring-2026/letters"
PREVIEW = "/letters/templates/en/not_yet/any/preview"
TEXT = "{% block headline %}{{ letter.candidate }}{% endblock %}{% block opening %}<p>x</p>{% endblock %}"
NOBODY = "zzzzzzzzzzzz"
KEPT_OUT = ("pia", "joe")  # a people partner and a member of the committee, each with a conflict


def one_page(html: str, sheets: tuple[str, ...]) -> bytes:
    """A real PDF of one empty page, where files are merged and what is on them is not looked at."""
    made, file = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(file, deterministic_id=True)
    return file.getvalue()


def is_set(world: World, letter: Letter, storage: Storage) -> Letter:
    render(world.s, letter=letter, storage=storage, at=NOW, base_url=BASE, render_with=one_page)
    return letter


def look(client: Any, world: World, who: str, case_id: str) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    browser = client(getattr(world, who))
    world.s.rollback()
    asked = {end: browser.get(f"{URL}{end}") for end in ("", "/progress", "/release", ".zip", ".pdf")}
    asked["preview"] = browser.post(PREVIEW, data={"text": TEXT, "case": case_id})
    return {name: (answer.status_code, masked(answer.data), kept(answer)) for name, answer in asked.items()}


def kept(answer: Any) -> dict[str, str]:
    """All headers but the session's cookie."""
    return {name: value for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie")}


def keep_out(world: World, letter: Letter) -> None:
    declared = {"source": ConflictSource.DECLARED, "reason": "friends", "declared_by_id": world.theo.id}
    for who in KEPT_OUT:
        if getattr(world, who) not in [one.person for one in letter.case.recusals]:
            letter.case.recusals.append(Recusal(person=getattr(world, who), at=NOW, **declared))
    world.commit()


@pytest.mark.parametrize("who", KEPT_OUT)
def test_files_pages_and_counts_are_the_same_whatever_was_decided(
    world: World, client, storage: Storage, frozen_clock, who: str
) -> None:
    out = is_set(world, prepared(world, "mona", Outcome.NOT_YET), storage)
    release(world.s, cases=[out.case], actor=world.theo, at=NOW)
    world.commit()
    without = look(client, world, who, NOBODY)
    assert {without[end][0] for end in (".zip", ".pdf")} == {200}

    hidden = is_set(world, prepared(world, "ada"), storage)
    keep_out(world, hidden)
    assert look(client, world, who, hidden.case_id) == without
    releases.order(world.s, cycle=world.cycle, cases=[hidden.case], actor=world.theo, moment=TOMORROW, at=NOW)
    world.commit()
    assert look(client, world, who, hidden.case_id) == without
    decide_otherwise(world, hidden.case)
    assert look(client, world, who, hidden.case_id) == without


def test_until_the_moment_no_mail_waits_and_what_waits_says_no_outcome(
    world: World, storage: Storage, frozen_clock
) -> None:
    """The jobs of a batch name ids and hashes alone: not the person, not the outcome, in the row or in its key."""
    for who, outcome in (("ada", Outcome.APPROVED), ("mona", Outcome.NOT_YET)):
        letter = is_set(world, prepared(world, who, outcome), storage)
        releases.order(world.s, cycle=world.cycle, cases=[letter.case], actor=world.pia, moment=TOMORROW, at=NOW)
    rows = list(world.s.scalars(select(OutboxRow)))
    assert {row.kind for row in rows} == {"render_letter"}
    said = " ".join(f"{row.key} {row.payload}" for row in rows)
    told = [word for word in ("approved", "not_yet", "Ada", "Mona", "Staff", "ada@") if word in said]
    assert (told, {frozenset(row.payload) for row in rows}) == ([], {frozenset({"letter", "data"})})


def test_file_names_and_order_say_nothing_of_who_or_what(world: World, client, storage: Storage, frozen_clock) -> None:
    """The ZIP's names are codes; its order is by name of the candidate, never by outcome."""
    for who, outcome in (("mona", Outcome.APPROVED), ("ada", Outcome.NOT_YET), ("ivy", Outcome.APPROVED)):
        letter = is_set(world, prepared(world, who, outcome), storage)
        release(world.s, cases=[letter.case], actor=world.pia, at=NOW)
    world.commit()
    page = client(world.pia).get(f"{URL}.zip").data
    names = [line.split(",")[:2] for line in _list_of(page)]
    assert [name for _file, name in names] == ["Ada Marchetti", "Ivy Novak", "Mona Fischer"]
    assert all(file == f"evenbar-letter-{file[15:34]}.pdf" for file, _name in names)


def _list_of(archive: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(archive)).read("letters.csv").decode("utf-8-sig").splitlines()[1:]
