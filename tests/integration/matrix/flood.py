"""More queries than a rate limit allows, for as long as others look at what that does."""
import contextlib
import socket
import threading

from harness.wire import encode_query


@contextlib.contextmanager
def flooded(server, source):
    """Some hundred queries a second come from the source; nobody reads the replies."""
    done = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))

        def send():
            sock.sendto(encode_query("www.example.net", "A", True), (server.address, server.port))

        def keep_sending():
            while not done.wait(0.005):
                send()

        # Over the limit from the start.
        for _ in range(100):
            send()
        thread = threading.Thread(target=keep_sending, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
