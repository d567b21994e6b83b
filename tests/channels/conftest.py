"""The cast, a book, a throwaway authority, and servers on loopback."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from incident_engine.channels import Envelope
from incident_engine.channels.mail.relay import Relay, Timeouts
from tests.channels.fault_server import FaultServer

DATED = datetime(2026, 3, 9, 2, 14, tzinfo=UTC)
QUICK = Timeouts(connect=1.0, command=0.6, data=0.6, block=2.0, dot=0.6, quit=0.3)


def reference(number: int) -> str:
    return f"{number:032x}"


def letter_to(address: str, number: int = 1, **changed: object) -> Envelope:
    given: dict[str, object] = {
        "reference": reference(number),
        "address": address,
        "language": "en",
        "subject": "About your data at Kestrel Cloud",
        "text": "Dear Ada,\n\nyour name and email address were copied.\n",
        "html": "<p>Dear Ada, your name and email address were copied.</p>\n",
        "dated": DATED,
    }
    return Envelope(**(given | changed))  # type: ignore[arg-type]


@dataclass
class Ledger:
    """A book on paper. `holds` says which references may still leave."""

    holds: Callable[[str], bool] = lambda _: True
    events: list[tuple[str, str]] = field(default_factory=list)
    commits: list[list[str]] = field(default_factory=list)
    pause: float = 0.0
    _pen: threading.Lock = field(default_factory=threading.Lock)

    def sending(self, references: Sequence[str]) -> set[str]:
        with self._pen:
            if self.pause:
                threading.Event().wait(self.pause)
            self.commits.append(list(references))
            held = {name for name in references if self.holds(name)}
            self.events += [("booked", name) for name in references if name in held]
            return held

    @property
    def booked(self) -> list[str]:
        return [name for _, name in self.events if _ == "booked"]


@dataclass(frozen=True)
class Authority:
    """A certificate authority made for this run, and what it signed."""

    ca_file: Path
    server: ssl.SSLContext
    other_name: ssl.SSLContext


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    key, root = _root()
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    elsewhere = [x509.DNSName("mx.elsewhere.example")]
    return Authority(
        ca_file=ca_file,
        server=_context(folder / "here.pem", key, root, here),
        other_name=_context(folder / "elsewhere.pem", key, root, elsewhere),
    )


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def relay_of(server: FaultServer, **changed: object) -> Relay:
    given: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "notices@kestrel.example",
        "sender_name": "Kestrel Cloud",
        "lanes": 1,
        "timeouts": QUICK,
    }
    return Relay(**(given | changed))  # type: ignore[arg-type]


def _root() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kestrel test authority")])
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _context(
    path: Path,
    ca_key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    names: Sequence[x509.GeneralName],
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.kestrel.example")])
    certificate = (
        _builder(subject, root.subject, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
