"""Letters that are signed: what was set stays as it is, the signature is valid, and a key that cannot be used stops the
start."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from portal.adapters.signing import Signer
from portal.adapters.storage import Storage
from portal.letters.commands import release, render
from portal.letters.jobs import LetterSetter
from portal.settings import Settings, SettingsProblem
from tests.letters.stages import prepared
from tests.world import NOW, World

PASSWORD = "only-for-this-test"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A PKCS#12 file with a certificate of its own; the certificate alone lies beside it."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Evenbar test organisation")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=3650))
        .not_valid_after(today + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_signing(), critical=True)
        .sign(private, hashes.SHA256())
    )
    file = tmp_path / "key.p12"
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"evenbar", private, certificate, None, BestAvailableEncryption(PASSWORD.encode())
        )
    )

    file.with_suffix(".der").write_bytes(certificate.public_bytes(Encoding.DER))
    return file


def _for_signing() -> x509.KeyUsage:
    others = ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
    off = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=True, content_commitment=True, **off)


def status_of(pdf: bytes, key: Path):
    trusted = load_cert_from_pemder(str(key.with_suffix(".der")))
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=[trusted], allow_fetching=False)
    with ThreadPoolExecutor(1) as alone:  # a browser test before this one leaves an event loop in the main thread
        return alone.submit(validate_pdf_signature, signature, context).result()


def signing(settings: Settings, key: Path) -> Settings:
    return settings.model_copy(update={"sign_key": key, "sign_password": PASSWORD})


def test_a_signed_letter_is_valid_and_begins_with_what_was_set(
    world: World, engine, settings: Settings, storage: Storage, key: Path, frozen_clock
) -> None:
    letter = prepared(world)
    world.commit()
    LetterSetter(engine, signing(settings, key))({"letter": letter.id, "data": letter.data_sha256}, "key")
    kept = world.fresh(letter)
    assert kept.pdf_sha256 is not None
    signed = storage.get(kept.pdf_sha256)
    status = status_of(signed, key)
    assert (status.intact, status.valid, status.trusted, status.bottom_line) == (True, True, True, True)
    release(world.s, cases=[kept.case], actor=world.pia, at=NOW)
    again = render(world.s, letter=kept, storage=storage, at=NOW, base_url=settings.base_url)
    assert again == signed


def test_a_changed_letter_is_found_out(key: Path, world: World, storage: Storage) -> None:
    plain = render(world.s, letter=prepared(world), storage=storage, at=NOW)
    signed = Signer(key, PASSWORD).sign(plain)
    assert signed.startswith(plain)
    place = plain.index(b"\n%") + 2  # in the comment after the header, so that it can still be read
    forged = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    assert status_of(forged, key).intact is False


def test_unsigned_is_the_default(world: World, engine, settings: Settings, storage: Storage) -> None:
    letter = prepared(world)
    world.commit()
    LetterSetter(engine, settings)({"letter": letter.id, "data": letter.data_sha256}, "key")
    kept = world.fresh(letter).pdf_sha256
    assert PdfFileReader(io.BytesIO(storage.get(kept or ""))).embedded_signatures == []


@pytest.mark.parametrize("wrong", ["missing", "password", "no key"])
def test_a_key_that_cannot_be_used_stops_the_start(engine, settings: Settings, key: Path, wrong: str) -> None:
    changed = signing(settings, key.with_name("none.p12") if wrong == "missing" else key)
    if wrong == "password":
        changed = changed.model_copy(update={"sign_password": "another"})
    if wrong == "no key":
        key.write_text("not a key")
    with pytest.raises(SettingsProblem, match=r"EVENBAR_SIGN_KEY: the key .*p12 (is not there|cannot be opened)"):
        LetterSetter(engine, changed)
