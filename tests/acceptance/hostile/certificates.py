"""A certification authority of the test's own, and the certificates that its origins show."""

import datetime
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_NOW = datetime.datetime.now(datetime.UTC)
_DAY = datetime.timedelta(days=1)


class Authority:
    """Signs certificates; `trust` is the file that whoever trusts it reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("the test's own authority")
        self.trust = folder / "authority.pem"
        root = _certificate(self._name, self._name, self._key.public_key(), 1, [])
        root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.trust.write_bytes(_pem(root.sign(self._key, hashes.SHA256())))

    def context(self, name: str, days: int = 1) -> ssl.SSLContext:
        """A server's context with a certificate for `name`; expired where `days` is negative."""
        return self._context(name, days, self._name, None)

    def self_signed(self, name: str) -> ssl.SSLContext:
        """A server's context with a certificate that vouches for itself."""
        return self._context(name, 1, _named(name), ec.generate_private_key(ec.SECP256R1()))

    def _context(
        self,
        name: str,
        days: int,
        issuer: x509.Name,
        own: ec.EllipticCurvePrivateKey | None,
    ) -> ssl.SSLContext:
        key = own or ec.generate_private_key(ec.SECP256R1())
        made = _certificate(_named(name), issuer, key.public_key(), days, [name])
        chain = self._folder / f"{name}.pem"
        chain.write_bytes(_pem(made.sign(own or self._key, hashes.SHA256())) + _private(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    days: int,
    hosts: Sequence[str],
) -> x509.CertificateBuilder:
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - 10 * _DAY)
        .not_valid_after(_NOW + days * _DAY)
    )
    if not hosts:
        return made
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    return made.add_extension(names, critical=False)


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
