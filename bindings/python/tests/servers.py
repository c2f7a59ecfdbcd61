"""Servers that misbehave: a function serves each connection."""

import json
import socket
import threading

CREATED = {"id": "1165", "company_id": "1", "name": "Example", "type": "sms", "provider_id": "2000", "settings": {},
           "status": "active", "is_default": False}  # fmt: skip


def answer(status=201, body=CREATED, headers=()):
    """The bytes of a response."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(text)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + text


class Server:
    """Calls `serve(connection)` for each connection, on a thread of its own. `connections` counts them."""

    def __init__(self, serve):
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.connections = 0
        #: Released when the server has closed a connection.
        self.closings = threading.Semaphore(0)
        self.requests = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        with connection:
            try:
                self._serve(Connection(connection, self))
            except OSError:
                pass
        self.closings.release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Connection:
    """One connection of a server."""

    def __init__(self, connection, server):
        self._connection = connection
        self._server = server
        self._bytes = b""

    def request(self):
        """The next request: its head as text, and its body. `None` once the other side has closed."""
        while True:
            head, found, rest = self._bytes.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0) if found else 0
            if found and len(rest) >= length:
                self._bytes = rest[length:]
                self._server.requests.append((head.decode(), rest[:length]))
                return self._server.requests[-1]
            more = self._connection.recv(65536)
            if not more:
                return None
            self._bytes += more

    def send(self, data):
        self._connection.sendall(data)


def always(data, ends=False):
    """A server that sends the same response to every request, and then perhaps closes the connection."""

    def serve(connection):
        while connection.request() is not None:
            connection.send(data)
            if ends:
                return

    return Server(serve)


def never():
    """A server that never responds. `asked` is set after a request, and `closed` after the client has left."""

    def serve(connection):
        if connection.request() is not None:
            server.asked.set()
            connection.request()
            server.closed.set()

    server = Server(serve)
    server.asked, server.closed = threading.Event(), threading.Event()
    return server


def closing_when_idle():
    """A server that closes each connection after one response, without announcing it."""

    def serve(connection):
        if connection.request() is not None:
            connection.send(answer())

    return Server(serve)
