"""Handing in mail: what arrives is what was sent, nothing breaks out of a header, and failures say what to do."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from portal.adapters.mail import MailFailed, MailServer, MailServerRefused, compose, send

CERTIFICATE = Path(__file__).with_name("localhost.pem")  # for localhost, signed by itself, used by these tests alone
MAIL: dict[str, Any] = {
    "sender": "Evenbar <portal@evenbar.example>",
    "to": "zoe@company.example",
    "subject": "Grüße: your letter is ready",
    "body": "Dear Zoë,\n\n.a line that begins with a dot\nhttps://evenbar.example/cases/x\n",
    "message_id": "<7.letter@evenbar.example>",
    "date": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
}


class Inbox:
    """Takes mail, or answers as it is told to."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.at_recipient = "250 OK"
        self.at_data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return self.at_data

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"p@ss/word", handled=False)


class Listener(Controller):
    """A server on a free port of the loopback."""

    def __init__(self, inbox: Inbox, **options: Any) -> None:
        super().__init__(inbox, hostname="127.0.0.1", port=0, authenticator=inbox.authenticate, **options)

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def listening(inbox: Inbox, **options: Any) -> Iterator[int]:
    listener = Listener(inbox, **options)
    listener.start()
    yield listener.port
    listener.stop()


def own_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    yield from listening(inbox, auth_require_tls=False)


@pytest.fixture
def starttls_port(inbox: Inbox) -> Iterator[int]:
    yield from listening(inbox, tls_context=own_certificate(), require_starttls=True)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def failed(server: MailServer, **changes: Any) -> tuple[bool, str]:
    with pytest.raises(MailFailed) as caught:
        send(server, **MAIL | changes)
    return caught.value.permanent, str(caught.value)


def test_what_arrives_is_what_was_sent(inbox: Inbox, port: int) -> None:
    send(MailServer.from_url(f"smtp://127.0.0.1:{port}"), **MAIL)
    (envelope,) = inbox.envelopes
    assert isinstance(envelope.content, bytes)
    arrived = message_from_bytes(envelope.content, policy=default)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("portal@evenbar.example", ["zoe@company.example"])
    assert {name: str(value) for name, value in arrived.items()} == {
        "From": "Evenbar <portal@evenbar.example>",
        "To": "zoe@company.example",
        "Subject": "Grüße: your letter is ready",
        "Date": "Sun, 01 Mar 2026 09:30:00 +0000",
        "Message-ID": "<7.letter@evenbar.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "8bit",
        "MIME-Version": "1.0",
    }
    assert arrived.get_content().replace("\r\n", "\n") == MAIL["body"]


def test_the_same_message_sent_twice_is_the_same(inbox: Inbox, port: int) -> None:
    server = MailServer.from_url(f"smtp://127.0.0.1:{port}")
    send(server, **MAIL)
    send(server, **MAIL)
    first, second = (envelope.content for envelope in inbox.envelopes)
    assert first == second


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hello\r\nBcc: everyone@company.example"},
        {"subject": "Hello\nBcc: everyone@company.example"},
        {"to": "zoe@company.example\r\nBcc: everyone@company.example"},
        {"to": "zoe@company.example, everyone@company.example"},
        {"to": "Zoe <zoe@company.example>"},
        {"to": ""},
        {"sender": "no address"},
        {"message_id": "<a@b>\r\nBcc: everyone@company.example"},
        {"message_id": "no brackets"},
    ],
    ids=str,
)
def test_nothing_breaks_out_of_its_header(inbox: Inbox, port: int, changes: dict[str, str]) -> None:
    permanent, reason = failed(MailServer.from_url(f"smtp://127.0.0.1:{port}"), **changes)
    assert permanent
    assert reason.startswith("the message cannot be written: ")
    assert inbox.envelopes == []


def test_a_body_that_looks_like_headers_stays_a_body() -> None:
    message = compose(**MAIL | {"body": "Bcc: everyone@company.example\n\n.\nQUIT\n"})
    assert message["Bcc"] is None
    assert message.get_content() == "Bcc: everyone@company.example\n\n.\nQUIT\n"


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 no such person", True), ("451 try later", False), ("452 mailbox full", False)]
)
def test_an_answer_at_the_recipient_says_whether_to_try_again(
    inbox: Inbox, port: int, answer: str, permanent: bool
) -> None:
    inbox.at_recipient = answer
    server = MailServer.from_url(f"smtp://127.0.0.1:{port}")
    assert failed(server) == (permanent, f"127.0.0.1:{port} answered {answer}")


@pytest.mark.parametrize(("answer", "permanent"), [("554 spam", True), ("421 shutting down", False)])
def test_an_answer_at_the_text_says_whether_to_try_again(inbox: Inbox, port: int, answer: str, permanent: bool) -> None:
    inbox.at_data = answer
    server = MailServer.from_url(f"smtp://127.0.0.1:{port}")
    assert failed(server) == (permanent, f"127.0.0.1:{port} answered {answer}")


def test_a_server_that_is_away_is_worth_another_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        permanent, reason = failed(MailServer.from_url(f"smtp://127.0.0.1:{port}"))
    assert not permanent
    assert reason.startswith(f"127.0.0.1:{port} cannot be used: ")


def test_a_server_that_says_nothing_is_left(inbox: Inbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1], timeout_s=0.1)
        assert failed(server) == (
            False,
            f"127.0.0.1:{server.port} cannot be used: Connection unexpectedly closed: timed out",
        )


def test_starttls_and_password(inbox: Inbox, starttls_port: int, trusted: None) -> None:
    send(MailServer.from_url(f"smtp://portal:p%40ss%2Fword@localhost:{starttls_port}?starttls=1"), **MAIL)
    assert inbox.logins == [(b"portal", b"p@ss/word")]
    assert len(inbox.envelopes) == 1


def test_a_wrong_password_is_the_operators_to_mend(inbox: Inbox, starttls_port: int, trusted: None) -> None:
    server = MailServer.from_url(f"smtp://portal:wrong@localhost:{starttls_port}?starttls=1")
    assert failed(server) == (False, f"localhost:{starttls_port} does not accept the user name and password")
    assert inbox.envelopes == []


def test_a_certificate_that_nobody_vouches_for_is_refused(inbox: Inbox, starttls_port: int) -> None:
    server = MailServer.from_url(f"smtp://portal:p%40ss%2Fword@localhost:{starttls_port}?starttls=1")
    permanent, reason = failed(server)
    assert not permanent
    assert "certificate verify failed" in reason
    assert inbox.logins == []


def test_a_server_without_starttls_gets_no_mail_when_it_was_asked_for(inbox: Inbox, port: int) -> None:
    server = MailServer.from_url(f"smtp://127.0.0.1:{port}?starttls=1")
    expected = f"127.0.0.1:{port} cannot be used: STARTTLS extension not supported by server."
    assert failed(server) == (False, expected)
    assert inbox.envelopes == []


def test_a_url_says_it_all() -> None:
    assert MailServer.from_url("smtps://me%40x:pw@mail.example") == MailServer(
        host="mail.example", port=465, user="me@x", password="pw", tls=True
    )
    assert MailServer.from_url("smtp://mail.example:587?starttls=1") == MailServer(
        host="mail.example", port=587, starttls=True
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mail.example:25", "the mail server's address must be smtp://host:port or smtps://host:port"),
        ("smtp://", "the mail server's address must be smtp://host:port or smtps://host:port"),
        ("smtp://mail.example:x", "the mail server's port is wrong: "),
        ("smtp://me:pw@mail.example", "the password would be sent in the clear; use smtps:// or add ?starttls=1"),
    ],
)
def test_an_unusable_address_is_refused_with_a_remedy(url: str, message: str) -> None:
    with pytest.raises(MailServerRefused) as caught:
        MailServer.from_url(url)
    assert str(caught.value).startswith(message)
