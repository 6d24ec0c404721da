"""An authority of the tests' own, and the certificates that it gives to servers."""
import subprocess

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """`file` is what those who trust it need."""

    def __init__(self, workspace, name="authority"):
        self.directory = workspace.directory(name)
        self.file, self.key = self.directory / "ca.pem", self.directory / "ca.key"
        openssl("req", "-x509", *CURVE, "-subj", f"/CN={name}", "-days", 30, "-keyout", self.key, "-out", self.file)

    def issue(self, name, alternative, days=20):
        """A certificate for an alternative name such as DNS:ns1.example or IP:127.0.0.1: (certificate, key)."""
        certificate, key, request = (self.directory / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        openssl("req", "-new", *CURVE, "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}", "-keyout", key, "-out",
                request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-days", days, "-copy_extensions", "copy",
                "-out", certificate)
        # The server that reads it runs as nobody.
        key.chmod(0o644)
        return certificate, key
