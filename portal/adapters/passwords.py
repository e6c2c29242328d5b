"""Passwords: argon2id, a deny-list, and the same work for an unknown account as for a wrong password."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 128
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_WORN = ("password", "passwort", "qwerty", "123456", "letmein", "welcome", "evenbar", "iloveyou", "abcdef")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; None (no such account, no password yet) costs the same time."""
    if len(password) > LONGEST:
        return False
    try:
        fits = _hasher.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and hashed is not None


def weakness(password: str, *, about: tuple[str, ...] = ()) -> str | None:
    """Why a password cannot be used, or None. `about` are words an attacker would try: name, mail address."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words in a row are easy to keep."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if len(set(password)) < 6:
        return "Use more different characters."
    bare = password.lower()
    for word in (*_WORN, *(a.lower() for a in about if len(a) > 3)):
        bare = bare.replace(word, "")
    if len(bare) < SHORTEST // 2:
        return "That is mostly a well-known word, your name or your address; use other words."
    return None


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
