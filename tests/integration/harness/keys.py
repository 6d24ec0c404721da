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


# The servers know these three and let only `xfr` in; of `mistyped` they have another secret than the client.
XFR = Key("xfr", "bm90IGEgc2VjcmV0IGF0IGFsbCwgYnV0IGxvbmc=")
OTHER = Key("other", "YWxzbyBubyBzZWNyZXQsIGJ1dCBsb25nIGVub3VnaA==")
KNOWN = (XFR, OTHER, Key("mistyped", "d2hhdCB0aGUgc2VydmVycyBoYXZlIG9mIHRoaXMga2V5"))
MISTYPED = Key("mistyped", "d2hhdCB0aGUgY2xpZW50IGhhcyBvZiB0aGlzIGtleS4=")
UNKNOWN = Key("unheard-of", XFR.secret)


def certificate(directory, name):
    """A self-signed certificate for the name, which is its own authority: (certificate file, key file)."""
    certificate_file, key_file = directory / "server.crt", directory / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key_file), "-out",
                    str(certificate_file)], check=True, capture_output=True)
    # The server that reads it runs as nobody.
    key_file.chmod(0o644)
    return certificate_file, key_file
