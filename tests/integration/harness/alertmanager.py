"""Debian's Alertmanager, and the webhook at which its messages arrive."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .http_service import HttpService
from .process import installed, wait_until


class Webhook:
    """Keeps what is posted to it: a list of (path, document)."""

    def __init__(self, address="127.0.0.1"):
        self.messages = []
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                messages.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def alerts(self, status, **labels):
        """The alerts that have come so far with this status and these labels, among others: a list of (path, alert)."""
        return [(path, alert) for path, message in list(self.messages) for alert in message["alerts"]
                if alert["status"] == status and labels.items() <= alert["labels"].items()]

    def wait_for(self, status, timeout=30, **labels):
        """The path and the alert of the first one."""
        return wait_until(lambda: self.alerts(status, **labels), f"an alert at the webhook: {status} {labels}", timeout)[0]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Alertmanager(HttpService):
    def __init__(self, workspace, configuration, **options):
        super().__init__(workspace, "Alertmanager", **options)
        (self.directory / "alertmanager.yml").write_text(configuration, encoding="utf-8")
        self.start([
            installed("prometheus-alertmanager"), f"--config.file={self.directory}/alertmanager.yml",
            f"--storage.path={self.directory}/data", f"--web.listen-address={self.address}:{self.port}", "--cluster.listen-address="])
