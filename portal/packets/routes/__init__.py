"""The addresses of this room, one subject a file; importing them puts them on the blueprint."""

from portal.packets.routes import attachments, comments, editor, evidence, managers, reading, referees
from portal.packets.routes.blueprint import packets

__all__ = ["attachments", "comments", "editor", "evidence", "managers", "packets", "reading", "referees"]
