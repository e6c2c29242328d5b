"""Verbs about decisions and appeals, one a file."""

from portal.decisions.commands.acknowledge import acknowledge
from portal.decisions.commands.answer_appeal import answer_appeal
from portal.decisions.commands.appoint import appoint
from portal.decisions.commands.confirm import confirm
from portal.decisions.commands.file_appeal import file_appeal
from portal.decisions.commands.record_decision import record_decision

__all__ = ["acknowledge", "answer_appeal", "appoint", "confirm", "file_appeal", "record_decision"]
