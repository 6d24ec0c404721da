"""An authority of the tests' own, and the certificates that it gives to servers."""
import subprocess
import time

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

    def issue_for_seconds(self, name, alternative, seconds):
        """The same, but it ends soon, which only openssl-ca(1) can do."""
        certificate, key = self.issue(name, alternative)
        settings, index = self.directory / "ca.cnf", self.directory / "index.txt"
        index.touch()
        settings.write_text(f"[ca]\ndefault_ca=it\n[it]\ndatabase={index}\nnew_certs_dir={self.directory}\nrand_serial=yes\n"
                            "default_md=sha256\nunique_subject=no\ncopy_extensions=copy\npolicy=any\n[any]\ncommonName=supplied\n",
                            encoding="ascii")
        end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
        openssl("ca", "-batch", "-notext", "-config", settings, "-cert", self.file, "-keyfile", self.key, "-enddate", end, "-in",
                self.directory / f"{name}.csr", "-out", certificate)
        return certificate, key
