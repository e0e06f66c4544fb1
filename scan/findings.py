"""What the two scanners say, in one form."""

import json
import os
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

# What no server with an authority of its own can have: its clients are told whom to trust, nobody asks for revocation.
OF_THE_TEST_AUTHORITY = {
    "cert_chain_of_trust": "the authority is the demonstration's own",
    "cert_revocation": "a certificate that lives for a year at one machine has no revocation service",
    "cert_trust": "the authority is the demonstration's own",
    "OCSP_stapling": "there is no OCSP responder to staple from",
    "DNS_CAArecord": "no DNS is asked",
    "cert_caIssuers": "the authority is the demonstration's own",
}
# Of testssl.sh itself: what it could not try for want of something in its OpenSSL.
OF_THE_SCANNER = {"engine_problem", "sessionresumption_ticket", "sessionresumption_ID", "scanTime", "old_fart"}
GOOD = {"OK", "INFO", "DEBUG"}


@dataclass
class Finding:
    scanner: str
    name: str
    severity: str
    text: str

    @property
    def excuse(self):
        if self.scanner == "testssl" and self.name in OF_THE_TEST_AUTHORITY:
            return OF_THE_TEST_AUTHORITY[self.name]
        if self.scanner == "testssl" and self.name in OF_THE_SCANNER and self.severity == "WARN":
            return "the scanner could not try it"
        return None

    @property
    def is_notable(self):
        return self.severity not in GOOD

    @property
    def is_bad(self):
        return self.is_notable and self.severity != "LOW" and self.excuse is None

    def __str__(self):
        excuse = f" (excused: {self.excuse})" if self.excuse else ""
        return f"{self.severity:8} {self.scanner} {self.name}: {self.text[:120]}{excuse}"


def of_testssl(path, output):
    """Severities are testssl.sh's own: OK, INFO, LOW, MEDIUM, HIGH, CRITICAL, WARN, FATAL."""
    if not os.path.exists(path):
        return [Finding("testssl", "run", "FATAL", output[-300:])]
    with open(path) as file:
        found = [Finding("testssl", item["id"], item["severity"], item["finding"]) for item in json.load(file)]
    # A scan that ended early must not look clean.
    names = {finding.name for finding in found}
    for needed in ("TLS1_2", "TLS1_3", "cipher_order", "heartbleed", "LUCKY13", "scanTime"):
        if needed not in names:
            found.append(Finding("testssl", needed, "FATAL", "not tried"))
    return found


def of_sslscan(path, output):
    """sslscan lists facts; what is bad among them is decided here."""
    if not os.path.exists(path):
        return [Finding("sslscan", "run", "FATAL", output[-300:])]
    test = ElementTree.parse(path).getroot().find("ssltest")
    if test is None or not test.findall("cipher"):
        return [Finding("sslscan", "run", "FATAL", f"no cipher found: {output[-300:]}")]
    found = []

    def note(name, is_good, text, severity="HIGH"):
        found.append(Finding("sslscan", name, "OK" if is_good else severity, text))

    for protocol in test.findall("protocol"):
        name = f"{protocol.get('type')}v{protocol.get('version')}"
        is_new = (protocol.get("type"), protocol.get("version")) in {("tls", "1.2"), ("tls", "1.3")}
        is_on = protocol.get("enabled") == "1"
        note(name, is_on == is_new, "on" if is_on else "off")
    for cipher in test.findall("cipher"):
        name, suite = cipher.get("cipher"), cipher.get("sslversion")
        is_modern = "GCM" in name or "POLY1305" in name
        is_forward = suite == "TLSv1.3" or name.startswith("ECDHE")
        note(f"{suite} {name}", is_modern and is_forward and int(cipher.get("bits")) >= 128, cipher.get("strength"))
    for item in test.findall("heartbleed"):
        note(f"heartbleed {item.get('sslversion')}", item.get("vulnerable") == "0", "", "CRITICAL")
    renegotiation = test.find("renegotiation")
    if renegotiation is not None:
        is_safe = renegotiation.get("supported") == "0" or renegotiation.get("secure") == "1"
        note("renegotiation", is_safe, str(renegotiation.attrib))
    fallback = test.find("fallback")
    if fallback is not None:
        note("fallback SCSV", fallback.get("supported") == "1", str(fallback.attrib), "MEDIUM")
    compression = test.find("compression")
    if compression is not None:
        note("compression", compression.get("supported") == "0", str(compression.attrib))
    for group in test.findall("group"):
        note(f"group {group.get('name')}", int(group.get("bits")) >= 112, group.get("bits"), "MEDIUM")
    for certificate in test.iter("certificate"):
        algorithm = certificate.findtext("signature-algorithm", "")
        note("signature", "sha1" not in algorithm.lower() and "md5" not in algorithm.lower(), algorithm)
        note("validity", certificate.findtext("expired", "false") == "false", certificate.findtext("not-valid-after", ""))
    return found
