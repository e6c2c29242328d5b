"""Verbs about people and accounts. Each records itself in the audit log, in the caller's transaction."""

from portal.people.commands.accounts import accept_token, change_password, invite, set_password, sign_in
from portal.people.commands.apart import end_apart, keep_apart
from portal.people.commands.line import (
    add_person,
    change_person,
    deactivate,
    reactivate,
    refuse_to_deactivate,
    set_level,
    set_manager,
)
from portal.people.commands.mails import retry_mail, set_mail_pace
from portal.people.commands.roles import grant, revoke, set_roles
from portal.people.commands.transfer import Imported, import_people, invite_new

__all__ = [
    "Imported",
    "accept_token",
    "add_person",
    "change_password",
    "change_person",
    "deactivate",
    "end_apart",
    "grant",
    "import_people",
    "invite",
    "invite_new",
    "keep_apart",
    "reactivate",
    "refuse_to_deactivate",
    "retry_mail",
    "revoke",
    "set_level",
    "set_mail_pace",
    "set_manager",
    "set_password",
    "set_roles",
    "sign_in",
]
