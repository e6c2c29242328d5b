"""Hands one plain-text message to an SMTP server, and says of a failure whether trying again can help."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MESSAGE_ID = re.compile(r"<[^<>\s@]+@([A-Za-z0-9.-]+)>")


class MailFailed(Exception):
    """The message was not taken. When `permanent`, the same message will never be; else try again later."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class MailServerRefused(Exception):
    """The address of the mail server cannot be used; the message says what to change."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; made from a URL by `MailServer.from_url`."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False
    timeout_s: float = 20

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """`smtp://user:password@host:port?starttls=1` or `smtps://…`; special characters are percent-encoded.

        Raises MailServerRefused, also when a password would cross a network in the clear.
        """
        parts = urlsplit(url)
        host, port = _host_and_port(parts)
        server = cls(
            host=host,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=parts.scheme == "smtps",
            starttls=parse_qs(parts.query).get("starttls") == ["1"],
        )
        if server.user and not (server.tls or server.starttls or server.host in _LOOPBACK):
            raise MailServerRefused("the password would be sent in the clear; use smtps:// or add ?starttls=1")
        return server


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    ports = {"smtp": 25, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise MailServerRefused("the mail server's address must be smtp://host:port or smtps://host:port")
    try:
        return parts.hostname, parts.port or ports[parts.scheme]
    except ValueError as error:
        raise MailServerRefused(f"the mail server's port is wrong: {error}") from error


def send(
    server: MailServer,
    *,
    sender: str,
    to: str,
    subject: str,
    body: str,
    message_id: str,
    date: datetime,
    calendar: bytes = b"",
) -> None:
    """Hands in one message for one person; `sender` may carry a name (`Evenbar <portal@example.org>`).

    `message_id` (`<unique@domain>`) and `date` come from the caller, so that a message sent twice is one message to the
    reader's mail program. `calendar` is attached as a calendar file. Raises MailFailed.
    """
    try:
        message = compose(sender=sender, to=to, subject=subject, body=body, message_id=message_id, date=date)
        if calendar:
            message.add_attachment(calendar, maintype="text", subtype="calendar", filename="evenbar.ics")
    except ValueError as error:
        raise MailFailed(f"the message cannot be written: {error}", permanent=True) from error
    try:
        with _connected(server, message_id) as connection:
            connection.send_message(message, from_addr=parseaddr(sender)[1], to_addrs=[to])
    except (OSError, smtplib.SMTPException) as error:
        raise _explain(server, error) from error


def compose(*, sender: str, to: str, subject: str, body: str, message_id: str, date: datetime) -> EmailMessage:
    """The message as it goes out. Raises ValueError for anything that would break out of its header."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"{message_id!r} is no message id; it must look like <unique@domain>")
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(address, name)
    message["To"] = _address(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # keeps holiday replies away
    message.set_content(body)
    return message


def _address(address: str, name: str = "") -> Address:
    try:
        return Address(name, addr_spec=address)
    except Exception as error:  # the standard library's parser raises several kinds, an IndexError among them
        raise ValueError(f"{address!r} is no mail address") from error


def _connected(server: MailServer, message_id: str) -> smtplib.SMTP:
    # The name we greet with is given, or the standard library would ask the DNS for one at each message.
    ours = message_id.rpartition("@")[2].rstrip(">")
    context = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.tls:
        connection = smtplib.SMTP_SSL(server.host, server.port, ours, timeout=server.timeout_s, context=context)
    else:
        connection = smtplib.SMTP(server.host, server.port, ours, timeout=server.timeout_s)
    try:
        if server.starttls:
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _explain(server: MailServer, error: OSError | smtplib.SMTPException) -> MailFailed:
    place = f"{server.host}:{server.port}"
    match error:
        case smtplib.SMTPAuthenticationError():
            return MailFailed(f"{place} does not accept the user name and password", permanent=False)
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            code, words = next(iter(recipients.values()))
            return _answered(place, code, words)
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            return _answered(place, code, words)
        case _:
            return MailFailed(f"{place} cannot be used: {error}", permanent=False)


def _answered(place: str, code: int, words: bytes | str) -> MailFailed:
    told = words.decode(errors="replace") if isinstance(words, bytes) else words
    return MailFailed(f"{place} answered {code} {told}", permanent=code >= 500)
