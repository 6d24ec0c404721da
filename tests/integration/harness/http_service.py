"""What Prometheus and its like have in common: a process that is there once it answers over HTTP."""
import urllib.request

from .process import Process, free_port


def answers(url):
    """Whether a GET gets status 200 now."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


class HttpService:
    """A subclass chooses its arguments, then calls start()."""

    def __init__(self, workspace, name, address="127.0.0.1", port=None):
        self.name, self.address, self.port = name, address, port or free_port(address)
        self.directory = workspace.directory(name.lower())
        self.process = None

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    def start(self, argv, ready="/-/ready"):
        """Returns when it is ready; a service that does not get there is ended."""
        self.process = Process(self.name, argv, self.directory)
        try:
            self.process.wait_until(lambda: answers(self.url + ready), f"{self.name} on {self.address} port {self.port}", timeout=30)
        except Exception:
            self.stop()
            raise

    def stop(self):
        return self.process.stop(timeout=30)
