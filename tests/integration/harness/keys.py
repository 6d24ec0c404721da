"""TSIG keys and certificates of the tests: made up, and good for nothing else."""
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    name: str
    secret: str
    algorithm: str = "hmac-sha256"

    @property
    def dig(self):
        return f"{self.algorithm}:{self.name}:{self.secret}"


# The servers know `xfr` and `other`, and let only `xfr` in. `forged` has its name and another secret.
XFR = Key("xfr", "bm90IGEgc2VjcmV0IGF0IGFsbCwgYnV0IGxvbmc=")
OTHER = Key("other", "YWxzbyBubyBzZWNyZXQsIGJ1dCBsb25nIGVub3VnaA==")
FORGED = Key("xfr", "d3Jvbmcgc2VjcmV0LCBidXQgb2YgdGhlIHNhbWUgc2l6ZQ==")
UNKNOWN = Key("nobody-knows", XFR.secret)
KNOWN = (XFR, OTHER)


def certificate(directory, name):
    """A self-signed certificate for the name, which is its own authority: (certificate file, key file)."""
    certificate_file, key_file = directory / "server.crt", directory / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key_file), "-out",
                    str(certificate_file)], check=True, capture_output=True)
    # The server that reads it runs as nobody.
    key_file.chmod(0o644)
    return certificate_file, key_file
