"""Verbs about decisions and appeals, one a file."""

from portal.decisions.commands.acknowledge import acknowledge
from portal.decisions.commands.answer_appeal import answer_appeal, confidential_names
from portal.decisions.commands.appoint import NOT_OFFERED, appoint, needed
from portal.decisions.commands.confirm import confirm
from portal.decisions.commands.file_appeal import file_appeal
from portal.decisions.commands.panel import can_come_to_a_result, close_panel, look_after, result_of, say, step_aside
from portal.decisions.commands.record_decision import record_decision

__all__ = [
    "NOT_OFFERED",
    "acknowledge",
    "answer_appeal",
    "appoint",
    "can_come_to_a_result",
    "close_panel",
    "confidential_names",
    "confirm",
    "file_appeal",
    "look_after",
    "needed",
    "record_decision",
    "result_of",
    "say",
    "step_aside",
]
