"""The addresses of this room: reading the ladders, changing a draft, and files in and out."""

from portal.ladders.routes import drafts, files, reading
from portal.ladders.routes.blueprint import ladders

__all__ = ["drafts", "files", "ladders", "reading"]
