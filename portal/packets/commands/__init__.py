"""Verbs of the packets room, one subject a file. Each flushes and records; the routing kit commits."""

from portal.packets.commands.attachments import attach, remove_attachment
from portal.packets.commands.comments import add_comment, keep_comment, resolve_comment
from portal.packets.commands.evidence import add_evidence, change_evidence, remove_evidence
from portal.packets.commands.justification import save_justification
from portal.packets.commands.referees import answer_referee, decline_referee, keep_feedback, propose_referee
from portal.packets.commands.sections import assess_self, save_section, share_draft
from portal.packets.commands.statement import reopen_statement, save_statement, sign_statement
from portal.packets.commands.submission import submit

__all__ = [
    "add_comment",
    "add_evidence",
    "answer_referee",
    "assess_self",
    "attach",
    "change_evidence",
    "decline_referee",
    "keep_comment",
    "keep_feedback",
    "propose_referee",
    "remove_attachment",
    "remove_evidence",
    "reopen_statement",
    "resolve_comment",
    "save_justification",
    "save_section",
    "save_statement",
    "share_draft",
    "sign_statement",
    "submit",
]
