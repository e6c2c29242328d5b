"""The room's addresses: accounts, the directory and who keeps it, and people files."""

from portal.people.routes import accounts, apart, directory, files
from portal.people.routes.blueprint import people

__all__ = ["accounts", "apart", "directory", "files", "people"]
