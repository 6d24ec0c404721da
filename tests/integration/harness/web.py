"""What tests of the HTTP server share: an exporter with nothing to do, and requests made by hand."""
import base64
import contextlib
import socket
import ssl

# Nobody listens there: a refused connection at once.
QUIET = """
global: {interval: 1h, timeout: 1s, attempts: 1}
clients:
  local: {subnet: 127.0.0.0/8}
resolvers:
  nowhere: {address: 127.0.0.9, port: 5399}
checks:
  - {name: one, client: local, resolver: nowhere, query: "{random}.example A", expect: ANSWERED}
"""
MANY = QUIET.replace('"{random}.example A"', "[" + ", ".join(f'"{{random}}.n{n}.example A"' for n in range(4000)) + "]")
HASH = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"  # of "secret"
LOGIN = ("alice", "secret")


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def raw(address, port, text, timeout=20):
    """Sends bytes and reads until the other end closes."""
    with socket.create_connection((address, port), timeout=timeout) as connection:
        connection.sendall(text if isinstance(text, bytes) else text.encode())
        return read_all(connection)


def read_all(connection):
    received = b""
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def status_of(reply):
    return int(reply.split(b" ", 2)[1]) if reply else None


def ask(running, target, method="GET", headers=""):
    return status_of(raw(running.address, running.port,
                         f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"))


def is_closed(connection):
    """Whether the other end has closed it; what it sends in the meantime is thrown away."""
    connection.settimeout(0)
    try:
        while True:
            if not connection.recv(65536):
                return True
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def wait_listening(running):
    running.wait_for(lambda: "msg=started" in running.process.log(), "the start")
    return running


def write_web_config(running_directory, text):
    path = running_directory / "web.yml"
    new = running_directory / "web.new"
    new.write_text(text)
    new.rename(path)
    return path


def read_slowly(running, path="/metrics"):
    """Asks and reads nothing, with as little room for what comes as the kernel allows."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.settimeout(20)
    connection.connect((running.address, running.port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def silent(port):
    return QUIET.replace("5399", str(port)).replace("timeout: 1s", "timeout: 8s").replace("127.0.0.9", "127.0.0.1")


@contextlib.contextmanager
def silent_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server
