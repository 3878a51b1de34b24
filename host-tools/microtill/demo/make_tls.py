# make_tls.py: writes the demonstration's TLS files beside itself. Run once, by hand; a second run makes new keys: every copy must follow.
"""python -m microtill.demo.make_tls"""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from microtill import demo

_FROM = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(2049, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Microtill TEST ONLY"),
                      x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(subject, issuer, key):
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(_FROM).not_valid_after(_UNTIL))


def _usage(signs_certificates):
    return x509.KeyUsage(digital_signature=not signs_certificates, content_commitment=False, key_encipherment=not signs_certificates,
                         data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
                         encipher_only=False, decipher_only=False)


def authority():
    """A new RSA-2048 key and its self-signed certificate."""
    key = rsa.generate_private_key(65537, 2048)
    name = _name("Microtill demonstration CA")
    certificate = (_builder(name, name, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                   .add_extension(_usage(True), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                   .sign(key, hashes.SHA256()))
    return key, certificate


def server(ca_key, ca_certificate):
    """A new RSA-2048 key and a certificate of `demo.HOST_NAME`, localhost and 127.0.0.1."""
    key = rsa.generate_private_key(65537, 2048)
    names = [x509.DNSName(demo.HOST_NAME), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (_builder(_name(demo.HOST_NAME), ca_certificate.subject, key)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                   .add_extension(_usage(False), critical=True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                   .add_extension(x509.SubjectAlternativeName(names), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
                   .sign(ca_key, hashes.SHA256()))
    return key, certificate


def main():
    ca_key, ca_certificate = authority()
    key, certificate = server(ca_key, ca_certificate)
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    demo.CA_PEM.write_bytes(ca_certificate.public_bytes(pem))
    demo.CA_DER.write_bytes(ca_certificate.public_bytes(der))
    demo.SERVER_PEM.write_bytes(certificate.public_bytes(pem))
    demo.SERVER_KEY_PEM.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()))


if __name__ == "__main__":
    main()
