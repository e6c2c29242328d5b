"""Signs PDFs with the organisation's key, so that anybody can tell without the portal that a letter was not changed.
Wraps pyHanko, which is installed with the extra `sign` and read only when a key is set."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FIELD = "Evenbar"


class SigningRefused(Exception):
    """The key cannot be used as it is; the message says what to change."""


class Signer:
    """Holds one key; for any number of documents."""

    def __init__(self, key_file: Path, password: str = "") -> None:
        """`key_file` is PKCS#12 (.p12, .pfx): key, certificate and its chain. Raises SigningRefused."""
        try:
            from pyhanko.sign import signers
        except ImportError as error:
            raise SigningRefused("letters cannot be signed without pyHanko; install evenbar[sign]") from error
        if not key_file.is_file():
            raise SigningRefused(f"the key {key_file} is not there; name a PKCS#12 file")
        made: Any = signers.SimpleSigner
        found = made.load_pkcs12(str(key_file), passphrase=password.encode() or None)
        if found is None:
            raise SigningRefused(f"the key {key_file} cannot be opened; is it PKCS#12, and is the password right?")
        self._signer: Any = found

    def sign(self, pdf: bytes) -> bytes:
        """The same bytes and a signature after them: what was set stays the beginning of what is signed.

        pyHanko starts an event loop, which a thread that already runs one refuses; so it gets a thread of its own."""
        with ThreadPoolExecutor(1) as alone:
            return alone.submit(self._signed, pdf).result()

    def _signed(self, pdf: bytes) -> bytes:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

        about = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
        )
        signed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), about, signer=self._signer)
        return bytes(signed.getbuffer())
