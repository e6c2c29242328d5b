"""Verbs about cycles: create one, set its dates and its margin, form its committees, close it."""

from portal.cycles.commands.close import close_cycle
from portal.cycles.commands.committee import change_committee, form_committee
from portal.cycles.commands.create import create_cycle
from portal.cycles.commands.settings import set_dates, set_margin

__all__ = ["change_committee", "close_cycle", "create_cycle", "form_committee", "set_dates", "set_margin"]
