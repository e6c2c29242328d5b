"""What the portal does with letters by itself. It prepares and sets them: for each an outbox row of kind
`prepare_letter`, then one of `render_letter`, done again if they were interrupted; what was done already is not done
twice. And it carries out releases when their moment comes."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.adapters.clock import now
from portal.adapters.database import begin_write
from portal.adapters.outbox import NeverAgain
from portal.adapters.pdf import PdfFailed, PdfWorker
from portal.adapters.signing import Signer, SigningRefused
from portal.adapters.storage import Storage, holding
from portal.decisions.queries import case as load_case
from portal.domain.problems import Refused
from portal.letters import commands, queries, releases
from portal.letters.answering import keep_answer, prepare_answer, tell_of_failure
from portal.letters.contents import Style
from portal.letters.policy import can_release
from portal.letters.typesetting import ASSETS, page_of, record_of, stylesheets
from portal.models.appeal import Appeal
from portal.models.decision import Decision
from portal.models.letter import AppealLetter, Letter
from portal.models.person import Person
from portal.models.release import Release
from portal.settings import Settings, SettingsProblem

PRESSES = 2  # PDF processes; each is started when it is first needed
_HOPELESS = ("document", "refused")


class LetterPreparer:
    """Does rows {"decision": id, "actor": id}: freezes the letter for a release today, in a transaction of its own, and
    leaves the row that has it set. What the actor may no longer do, or the record no longer allows, is given up."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._style = Style(settings.paper, settings.letter_format == "archive")

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        at = now()
        with Session(self._engine, expire_on_commit=False) as s:
            begin_write(s)
            found, actor = s.get(Decision, payload["decision"]), s.get(Person, payload["actor"])
            case = load_case(s, case_id=found.case_id) if found else None
            if found is None or actor is None or case is None or found.released_at:
                return
            if not can_release(actor, case):
                raise NeverAgain(f"{actor.name} may not release this letter any more; another people partner has to.")
            if _is_under_way(s, found, key):
                return
            try:
                commands.prepare(s, decision=found, actor=actor, at=at, style=self._style)
            except commands.DisagreesWithRecord as problem:
                raise NeverAgain(f"{problem.message} {' '.join(problem.problems)}") from problem
            except Refused as problem:
                raise NeverAgain(problem.message) from problem
            s.commit()


def _is_under_way(s: Session, decision: Decision, key: str) -> bool:
    """Whether an earlier, interrupted run of this row got as far as the letter: it is set, or its setting is due."""
    letter = decision.letter
    return letter is not None and key.endswith(letter.data["issued_on"]) and queries.is_being_set(s, letter)


class LetterSetter:
    """Does rows {"letter": id, "data": hash of what is to be set}. A letter that was prepared anew meanwhile is left to
    its own, newer row. The PDF processes serve all rows, one at a time each, and end with this object."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._signer = _signer_of(settings)
        presses = [PdfWorker(ASSETS) for _ in range(PRESSES)]
        self._free: SimpleQueue[PdfWorker] = SimpleQueue()
        for press in presses:
            self._free.put(press)
            weakref.finalize(self, press.__exit__, None, None, None)

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        with Session(self._engine) as s:
            letter = s.get(Letter, payload["letter"])
            if letter is None or letter.pdf_sha256 or letter.data_sha256 != payload["data"]:
                return
            html = page_of(letter, base_url=self._settings.base_url)
            data = dict(letter.data)
        pdf = self.typeset(html, data)
        storage = Storage.from_url(self._settings.storage_url)
        name = storage.put(pdf)
        with Session(self._engine) as s:
            begin_write(s)
            holding(s)
            if not storage.exists(name):
                storage.put(pdf)
            found = queries.letter(s, letter_id=payload["letter"])
            if found is not None and found.data_sha256 == payload["data"] and not found.pdf_sha256:
                commands.keep(s, letter=found, pdf_sha256=name, at=now())
            s.commit()

    def typeset(self, html: str, data: dict[str, Any]) -> bytes:
        """The PDF of a page, signed where the settings say so."""
        pdf = self._set(html, data)
        return self._signer.sign(pdf) if self._signer else pdf

    def _set(self, html: str, data: dict[str, Any]) -> bytes:
        with self._press() as press:
            try:
                return press.render(html, stylesheets=stylesheets(data), complete=True, record=record_of(data))
            except PdfFailed as error:
                if error.cause in _HOPELESS:
                    raise NeverAgain(str(error)) from error
                raise

    @contextmanager
    def _press(self) -> Iterator[PdfWorker]:
        press = self._free.get()
        try:
            yield press
        finally:
            self._free.put(press)


class AnswerLetterMaker:
    """Does rows {"appeal": id}: freezes the letter that answers it and sets it, on the presses of the others. What was
    done of it before an interruption is not done twice."""

    def __init__(self, engine: Engine, settings: Settings, setter: LetterSetter) -> None:
        self._engine, self._settings, self._setter = engine, settings, setter
        self._style = Style(settings.paper, settings.letter_format == "archive")

    def __call__(self, payload: dict[str, Any], key: str) -> None:
        try:
            self._make(payload)
        except NeverAgain:
            with Session(self._engine) as s:
                begin_write(s)
                tell_of_failure(s, appeal=s.get_one(Appeal, payload["appeal"]), at=now())
                s.commit()
            raise

    def _make(self, payload: dict[str, Any]) -> None:
        with Session(self._engine, expire_on_commit=False) as s:
            begin_write(s)
            appeal = s.get_one(Appeal, payload["appeal"])
            try:
                letter = prepare_answer(s, appeal=appeal, at=now(), style=self._style)
            except commands.DisagreesWithRecord as problem:
                raise NeverAgain(f"{problem.message} {' '.join(problem.problems)}") from problem
            if letter.pdf_sha256:
                return
            html, data, letter_id = page_of(letter, base_url=self._settings.base_url), dict(letter.data), letter.id
            s.commit()
        pdf = self._setter.typeset(html, data)
        storage = Storage.from_url(self._settings.storage_url)
        with Session(self._engine) as s:
            begin_write(s)
            holding(s)
            found = s.get_one(AppealLetter, letter_id)
            if not found.pdf_sha256:
                keep_answer(s, letter=found, pdf_sha256=storage.put(pdf), at=now())
            s.commit()


def _signer_of(settings: Settings) -> Signer | None:
    """Whoever signs, or None. A key that cannot be used stops the start rather than each letter."""
    if settings.sign_key is None:
        return None
    try:
        return Signer(settings.sign_key, settings.sign_password)
    except SigningRefused as problem:
        raise SettingsProblem(f"EVENBAR_SIGN_KEY: {problem}") from problem


def release_due(engine: Engine, at_a_time: int = releases.AT_A_TIME) -> int:
    """Tell managers ahead and let letters leave where the moment has come; gives how many of both.

    What is left to do stands in the database alone: a worker that dies loses nothing, and of two at once each letter is
    let go by one."""
    with Session(engine) as s:
        waiting = releases.due(s, now())
    done = 0
    for release_id in waiting:
        while settled := _carry_on(engine, release_id, at_a_time):
            done += settled
    return done


def _carry_on(engine: Engine, release_id: str, at_a_time: int) -> int:
    with Session(engine, expire_on_commit=False) as s:
        begin_write(s)
        release, at = s.get_one(Release, release_id), now()
        done = releases.carry_out(s, release=release, at=at, limit=at_a_time)
        if at < release.moment:
            done = releases.brief(s, release=release, at=at)
        s.commit()
    return done
