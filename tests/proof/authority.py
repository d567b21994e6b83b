"""A time-stamping authority of our own: `openssl ts` behind a web server, with a root above it."""

from __future__ import annotations

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
"""
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Authority:
    """Answers at `url`; `fault` is a status or bytes to answer instead. `root` is PEM."""

    def __init__(self, folder: Path, *, curve: bool = False, may_stamp: bool = True) -> None:
        self.folder, self.fault = folder, b""
        self.status = 200
        folder.mkdir()
        self._certify(curve, may_stamp)
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(CONFIG.format(folder=folder))

    def _certify(self, curve: bool, may_stamp: bool) -> None:
        top: Key = rsa.generate_private_key(65537, 2048)
        own: Key = ec.generate_private_key(ec.SECP256R1()) if curve else top
        if not curve:
            own = rsa.generate_private_key(65537, 2048)
        root = _certificate("Root of Time", top, "Root of Time", top, may_stamp=None)
        leaf = _certificate("Clock of Kestrel", own, "Root of Time", top, may_stamp=may_stamp)
        self.root = root.public_bytes(serialization.Encoding.PEM)
        (self.folder / "root.pem").write_bytes(self.root)
        (self.folder / "leaf.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        (self.folder / "leaf.key").write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def reply(self, query: bytes) -> bytes:
        """The real answer to a query."""
        (self.folder / "query").write_bytes(query)
        command = [
            "openssl", "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query",
            "-signer", "leaf.pem", "-inkey", "leaf.key", "-chain", "root.pem", "-out", "reply",
        ]  # fmt: skip
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply").read_bytes()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Requests)
        self._server.authority = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/stamp"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    authority: Authority


class _Requests(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        authority = self.server.authority
        query = self.rfile.read(int(self.headers["Content-Length"]))
        body = authority.fault or authority.reply(query)
        self.send_response(authority.status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """A test says what it found."""


def _certificate(
    name: str, key: Key, above: str, signer: Key, *, may_stamp: bool | None
) -> x509.Certificate:
    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    found = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(above))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=may_stamp is None, path_length=None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
        )
    )
    if may_stamp is not None:
        use = ExtendedKeyUsageOID.TIME_STAMPING if may_stamp else ExtendedKeyUsageOID.CODE_SIGNING
        found = found.add_extension(x509.ExtendedKeyUsage([use]), True)
    return found.sign(signer, hashes.SHA256())
