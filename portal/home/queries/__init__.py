"""Reads for the front page: one statement a question, however many cases there are. Every row is one its reader may
know of; what is left out here can be in no line and in no count."""

from portal.home.queries.asked import Feedback, Report, Reviewing, feedback_asked, reports_cases, reviews_asked
from portal.home.queries.deciding import OnTheTable, appeals_to_answer, cases_ahead, on_the_table
from portal.home.queries.keeping import Beginnings, Queue, beginnings, closed_since, waiting_outside
from portal.home.queries.mails import PAGE, Fate, Mail, MailPage, mail, mails
from portal.home.queries.own import Opening, Own, evidenced, openings, own_cases, sections_written
from portal.home.queries.running import Pile, piles
from portal.home.queries.titles import Titles, titles_of

__all__ = [
    "PAGE",
    "Beginnings",
    "Fate",
    "Feedback",
    "Mail",
    "MailPage",
    "OnTheTable",
    "Opening",
    "Own",
    "Pile",
    "Queue",
    "Report",
    "Reviewing",
    "Titles",
    "appeals_to_answer",
    "beginnings",
    "cases_ahead",
    "closed_since",
    "evidenced",
    "feedback_asked",
    "mail",
    "mails",
    "on_the_table",
    "openings",
    "own_cases",
    "piles",
    "reports_cases",
    "reviews_asked",
    "sections_written",
    "titles_of",
    "waiting_outside",
]
