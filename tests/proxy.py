"""A TCP proxy that misbehaves on demand: what stands between a browser and the server on a bad day."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path


class Proxy:
    """Forwards to a port or a unix socket of this machine.

    `freeze` holds everything back without a word, `cut` breaks what is open, `delay_s` slows each piece down,
    `is_refusing` hangs up on whoever calls; with ``idle_s`` a connection on which the server says nothing for so long is closed.
    """

    def __init__(self, target: int | Path, *, idle_s: float | None = None) -> None:
        self._target = target
        self._idle_s = idle_s
        self.delay_s = 0.0
        self.is_refusing = False
        self._flows = threading.Event()
        self._flows.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def freeze(self) -> None:
        self._flows.clear()

    def thaw(self) -> None:
        """Let new connections through; those of before the frost are dead, as after a night's sleep."""
        self.cut()
        self._flows.set()

    def cut(self) -> None:
        ended, self._open = self._open, []
        for end in ended:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.thaw()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_refusing:
                    client.close()
                    continue
                self._open.append(client)
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._flows.wait()
        try:
            server = self._connect()
        except OSError:
            client.close()
            return
        self._open.append(server)
        server.settimeout(self._idle_s)  # the pump's reading then fails, and the client is hung up on
        back = threading.Thread(target=self._pump, args=[server, client], daemon=True)
        back.start()
        self._pump(client, server)
        back.join()
        client.close()
        server.close()

    def _connect(self) -> socket.socket:
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target))
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self._target))
        except OSError:
            server.close()
            raise
        return server

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.delay_s)
                self._flows.wait()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def start_proxy(target: int | Path, *, idle_s: float | None = None) -> Iterator[Proxy]:
    proxy = Proxy(target, idle_s=idle_s)
    try:
        yield proxy
    finally:
        proxy.close()
