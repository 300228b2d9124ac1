"""Clients that nobody wants: they hold connections, trickle, or never read."""

import contextlib
import os
import select
import signal
import socket
import threading
import time
from urllib.parse import urlsplit

from processes import halves

SLICES = 20  # of each second: the slow clients do not all send at once
CSV_HEADER = ",".join(["Time", *(f"V{i}" for i in range(1, 29)), "Amount"]).encode() + b"\n"
CSV_ROWS = (b"1," + b"0.5," * 28 + b"9.99\n") * 500
CSV_SENT = 16 << 20  # bytes, of each client


def address(url):
    parts = urlsplit(url)
    return parts.hostname, parts.port


def connect(url, receive_buffer=None):
    made = socket.socket()
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.settimeout(10)
    made.connect(address(url))
    return made


@contextlib.contextmanager
def idle_after_an_answer(url, count):
    """As many connections as asked for, each of which had an answer and now waits, as a pool of clients does."""
    with contextlib.ExitStack() as open_ones:
        for _ in range(count):
            made = open_ones.enter_context(connect(url))
            made.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n")
            if not made.recv(4096).startswith(b"HTTP/1.1 200 "):
                raise RuntimeError("a connection that is to idle had no answer")
        yield


class SlowClient:
    """Begins a request that it never ends, a byte a second; begins anew when the server has had enough."""

    def __init__(self, url, beginning):
        self.url = url
        self.beginning = beginning
        self.connection = None

    def move(self):
        try:
            if self.connection is None:
                self.connection = connect(self.url)
                self.connection.sendall(self.beginning)
                self.connection.setblocking(False)
            else:
                self.connection.send(b"1")
                if self.has_been_answered():
                    self.leave()
        except BlockingIOError:
            pass  # it is not taken now
        except OSError:
            self.leave()

    def has_been_answered(self):
        """Only a refusal comes back, or the connection's end."""
        return bool(select.select([self.connection], [], [], 0)[0])

    def leave(self):
        self.connection.close()
        self.connection = None


class Trickle:
    """So many clients with slow headers and as many with slow bodies, in a process of its own, while the block lasts."""

    def __init__(self, url, count):
        header = b"GET /health HTTP/1.1\r\nHost: here\r\nX-Slow: "
        body = b"POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n["
        self.clients = [SlowClient(url, beginning) for _ in range(count) for beginning in (header, body)]

    def __enter__(self):
        self.pid = os.fork()
        if self.pid == 0:
            try:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.sched_setaffinity(0, halves()[1])
                self.run()
            finally:
                os._exit(1)
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def run(self):
        parent = os.getppid()
        while os.getppid() == parent:
            for part in range(SLICES):
                start = time.monotonic()
                for client in self.clients[part::SLICES]:
                    client.move()
                time.sleep(max(0, 1 / SLICES - (time.monotonic() - start)))


def pipelined():
    """2,000 requests for the longest answer that is made for anyone."""
    yield b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n" * 2000


def streamed():
    """CSV in chunks, and its end."""
    yield b"POST /predict-batch HTTP/1.1\r\nHost: here\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield chunk(CSV_HEADER)
    rows = chunk(CSV_ROWS)
    for _ in range(CSV_SENT // len(CSV_ROWS)):
        yield rows
    yield b"0\r\n\r\n"


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class NeverReading:
    """Sends what it has and takes nothing, with a small receive buffer: what it does not take stays with the server."""

    def __init__(self, url, parts):
        self.connection = connect(url, receive_buffer=4096)
        self.connection.setblocking(False)
        self.parts = parts
        self.left = memoryview(b"")
        self.open = True

    def send(self):
        """As much as is taken now."""
        try:
            while self.open:
                if not self.left:
                    self.left = memoryview(next(self.parts))
                self.left = self.left[self.connection.send(self.left):]
        except BlockingIOError:
            pass
        except (OSError, StopIteration):
            self.open = False


class NeverReadingCrowd:
    """So many of them, of a kind ("pipelined", "streamed"), for as long as the block lasts. They do not leave by themselves."""

    KINDS = {"pipelined": pipelined, "streamed": streamed}

    def __init__(self, url, kind, count):
        self.clients = [NeverReading(url, self.KINDS[kind]()) for _ in range(count)]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for client in self.clients:
            client.connection.close()

    def run(self):
        while not self.over.wait(0.005):
            for client in self.clients:
                client.send()
