"""The page of the mails: what became of each, in words."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.home import policy, queries
from portal.home.queries import Fate
from portal.models.outbox import MAIL
from portal.models.person import Person
from portal.web.database import session

UNSENT = (Fate.WAITING, Fate.TRIED, Fate.FAILED)


def outbox_page(actor: Person, asked: str, page: int) -> dict[str, Any]:
    """`asked` is the fate to show, empty for all."""
    fate = Fate(asked) if asked in set(Fate) else None
    found = queries.mails(session(), actor, fate=fate, page=page)

    queues = queries.waiting_outside(session()) if policy.can_retry(actor) else []

    def page_url(number: int) -> str:
        return url_for("home.outbox", fate=fate.value if fate else None, page=number)

    return {
        "mails": found,
        "first": (found.number - 1) * queries.PAGE + 1 if found.total else 0,
        "last": (found.number - 1) * queries.PAGE + len(found.rows),
        "page_url": page_url,
        "fate": fate,
        "fates": [(code, words, found.counts.get(code, 0)) for code, words in fate_words().items()],
        "fate_words": fate_words(),
        "kinds": kinds(),
        "queues": queues,
        "unlisted": _unlisted(queues, found),
        "may_retry": bool(policy.can_retry(actor)),
    }


def fate_words() -> dict[Fate, str]:
    return {
        Fate.FAILED: _("given up"),
        Fate.TRIED: _("tried, waits for the next try"),
        Fate.WAITING: _("waiting to go out"),
        Fate.DIGEST: _("waiting for a digest"),
        Fate.SENT: _("sent"),
        Fate.LET_GO: _("not sent"),
    }


def kinds() -> dict[str, str]:
    """Mail template -> what it is, without what it is about. What is not here is shown under its own name."""
    return {
        "": _("Mail about a case"),
        "appeal_answered": _("Appeal answered"),
        "appeal_filed": _("Appeal filed"),
        "appeal_letter_failed": _("The letter of an appeal could not be made"),
        "appeal_panel_short": _("Another panel is needed for an appeal"),
        "appeal_to_answer": _("Appeal to answer"),
        "appeal_to_preside": _("Appeal to preside over"),
        "ballot_open": _("A vote is open"),
        "chase_escalated": _("Somebody is overdue"),
        "conflict_reported": _("Conflict to confirm"),
        "draft_comment": _("Comment on a draft"),
        "invite": _("Invitation"),
        "ladder_published": _("Ladder published"),
        "letter_released": _("Letter released"),
        "nominated": _("Nomination"),
        "packet_due": _("Packet reminder"),
        "referee": _("Feedback asked for"),
        "referee_due": _("Feedback reminder"),
        "referee_moved": _("Another day for feedback"),
        "reset": _("Password reset"),
        "returned": _("Packet returned"),
        "review_asked": _("Review asked for"),
        "review_declined": _("Review declined"),
        "review_due": _("Review reminder"),
        "review_moved": _("Another day for a review"),
        "reviews_in": _("The last review is in"),
        "statement_due": _("Statement reminder"),
        "submitted": _("Statement asked for"),
    }


def _unlisted(queues: list[queries.Queue], found: queries.MailPage) -> int:
    """How many mails wait that are not this person's to see one by one."""
    waiting = sum(queue.count for queue in queues if queue.kind == MAIL)
    return max(0, waiting - sum(found.counts.get(fate, 0) for fate in UNSENT))
