"""Clients whose tokens nobody knows, at a steady rate: python bench/http/strangers.py HOST PORT ADDRESS RATE SECONDS FILE. They come from
ADDRESS, each request with the next token of FILE, one a line. Prints how many answers of each status came, as JSON."""

import collections
import itertools
import json
import selectors
import socket
import sys
import time

CONNECTIONS = 64


def main():
    host, port, address, rate, seconds, file = sys.argv[1:]
    with open(file) as lines:
        tokens = itertools.cycle(lines.read().split())
    selector = selectors.DefaultSelector()
    free = collections.deque()
    answers = collections.Counter()

    def connect():
        client = socket.create_connection((host, int(port)), source_address=(address, 0))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client, selectors.EVENT_READ, [b""])
        free.append(client)

    for _ in range(CONNECTIONS):
        connect()
    start = time.monotonic()
    sent = 0
    while (now := time.monotonic() - start) < float(seconds):
        due = int(now * float(rate))
        while sent < due and free:
            free.popleft().sendall(b"POST /predict HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n"
                                   b"Content-Type: application/json\r\nAuthorization: Bearer " + next(tokens).encode() + b"\r\n\r\n")
            sent += 1
        for key, _ in selector.select(timeout=0.0005):
            data = key.fileobj.recv(65536)
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                connect()
                continue
            key.data[0] += data
            head, separator, rest = key.data[0].partition(b"\r\n\r\n")
            if not separator:
                continue
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            if len(rest) < length:
                continue
            answers[head.split()[1].decode()] += 1
            key.data[0] = b""
            free.append(key.fileobj)
    print(json.dumps({"sent": sent, "answers": answers}))


main()
