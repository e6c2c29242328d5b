"""One frozen object read from the environment. What is unknown, missing or unsafe stops the start with a sentence
that says what to do."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PACKAGE = Path(__file__).parent
ROOT = PACKAGE / "_data" if (PACKAGE / "_data").is_dir() else PACKAGE.parent
PREFIX = "EVENBAR_"
SHORTEST_SECRET = 32
NOT_OURS = {"chromium", "home"}  # read by the test set-up and the demonstration
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
WEAK_SECRETS = ("dev", "secret", "change", "password", "example")


class SettingsProblem(Exception):
    """The portal cannot start as configured; the text says why and what to change."""


class Settings(BaseModel):
    """What an operator may set. Names are those of the environment without `EVENBAR_`, in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(description="SQLAlchemy URL; sqlite:///… or postgresql+psycopg://…")
    secret_key: str = Field(min_length=SHORTEST_SECRET, repr=False)
    storage_url: str = Field(description="where letters and attachments are kept: file:///… or s3://…")
    attachment_mb: int = Field(default=10, ge=1, le=100, description="the largest file that may be attached")
    case_attachments_mb: int = Field(default=50, ge=1, description="all files of one packet together")
    all_attachments_mb: int = Field(default=20_000, ge=1, description="all attached files of the portal together")
    jobs_url: str = Field(default="", description="where background jobs queue; empty: beside the database")
    smtp_url: str = Field(default="", repr=False, description="smtp://host:port; empty: mails wait in the outbox")
    mail_from: str = "evenbar@localhost"
    base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = LOOPBACK
    rubrics: Path = ROOT / "rubrics"
    demo: bool = False
    upload_mb: int = Field(default=25, ge=2, le=500, description="the largest file taken on the web, in MB")
    retention_months: int = Field(default=0, ge=0, description="months after its cycle that a case's texts are kept")
    undo_minutes: int = Field(default=10, ge=0, le=1440, description="how long a release can be taken back")
    paper: Literal["auto", "a4", "letter"] = Field(default="auto", description="letters and packets; auto: by locale")
    letter_format: Literal["accessible", "archive"] = Field(
        default="accessible", description="PDF/UA-1, or PDF/A-3 with the record attached"
    )
    sign_key: Path | None = Field(default=None, description="a PKCS#12 file that signs letters; none: unsigned")
    sign_password: str = Field(default="", repr=False, description="opens the key")
    proxies: int = Field(default=0, ge=0, le=5, description="how many reverse proxies set X-Forwarded-* in front")

    @property
    def served_over_tls(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @property
    def base_is_loopback(self) -> bool:
        return (urlsplit(self.base_url).hostname or "") in {"127.0.0.1", "localhost", "::1"}


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `EVENBAR_*` and, below them, the TOML file named by `EVENBAR_CONFIG`.

    Raises SettingsProblem, with every problem at once."""
    environment = os.environ if environment is None else environment
    given = {k[len(PREFIX) :].lower(): v for k, v in environment.items() if k.startswith(PREFIX)}
    values: dict[str, object] = _from_file(given.pop("config", "")) | dict(given)
    known = {*Settings.model_fields, "secret_key_file"}
    ours = set(values) & known
    unknown = sorted(f"{PREFIX}{k.upper()}" for k in set(values) - known - NOT_OURS)
    if unknown:
        raise SettingsProblem(f"unknown setting: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    values = {k: values[k] for k in ours}
    if secret_file := values.pop("secret_key_file", None):
        values["secret_key"] = _text_of(Path(str(secret_file)), "SECRET_KEY_FILE").strip()
    if isinstance(values.get("trusted_hosts"), str):
        values["trusted_hosts"] = tuple(h.strip() for h in str(values["trusted_hosts"]).split(",") if h.strip())
    return _checked(values)


def _checked(values: Mapping[str, object]) -> Settings:
    try:
        settings = Settings.model_validate(values)
    except ValidationError as e:
        lines = [f"{PREFIX}{str(p['loc'][0]).upper()}: {p['msg']}" for p in e.errors()]
        raise SettingsProblem("the settings are not usable:\n  " + "\n  ".join(lines)) from None
    if settings.secret_key.lower().startswith(WEAK_SECRETS) or len(set(settings.secret_key)) < 8:
        raise SettingsProblem(f"{PREFIX}SECRET_KEY is guessable; make one with: openssl rand -hex 32")
    if not settings.trusted_hosts:
        raise SettingsProblem(f"{PREFIX}TRUSTED_HOSTS is empty; name the host people type into their browser")
    if not settings.served_over_tls and not settings.base_is_loopback:
        raise SettingsProblem(f"{PREFIX}BASE_URL is plain HTTP and not on this machine; serve it over https://")
    return settings


def _from_file(path: str) -> dict[str, object]:
    if not path:
        return {}
    try:
        return {k.lower(): v for k, v in tomllib.loads(_text_of(Path(path), "CONFIG")).items()}
    except tomllib.TOMLDecodeError as e:
        raise SettingsProblem(f"{PREFIX}CONFIG: {path} is not TOML: {e}") from None


def _text_of(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as e:
        raise SettingsProblem(f"{PREFIX}{name}: cannot read {path}: {e.strerror}") from None
