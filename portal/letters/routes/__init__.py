"""The addresses of this room, one subject a file; importing them puts them on the blueprint."""

from portal.letters.routes import batch, reading, releasing, templates, verification
from portal.letters.routes.blueprint import letters

__all__ = ["batch", "letters", "reading", "releasing", "templates", "verification"]
