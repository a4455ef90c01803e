"""TCP proxies that cut, stall and reset the connections they pass on."""

import asyncio
import contextlib
import random
import socket
import struct
import threading


# Below those of outgoing connections, and none of them twice, so that a port stays free while its proxy is cut off.
PORTS = iter(random.SystemRandom().sample(range(10_000, 15_000), 5000))


class Proxies:
    """Proxies on one thread.

    A disturbance is one of

    | cut   | connections are reset and new ones refused for `hold` seconds |
    | stall | connections are accepted and kept, but nothing is passed on for `hold` seconds |
    | reset | connections are reset; new ones are welcome at once |
    """

    def __init__(self, hold):
        self.hold = hold
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.all = []

    def between(self, coordinator, aggregator):
        """A proxy on each link of a fleet whose coordinator and aggregator listen on these ports."""
        records = self.to(aggregator)
        rewrite = tuple(f"tcp://127.0.0.1:{port}".encode() for port in (aggregator, records.port))
        return {
            "worker-coordinator": self.to(coordinator),
            "worker-aggregator": records,
            # In the aggregator's hello, so that workers are sent to the proxy.
            "aggregator-coordinator": self.to(coordinator, rewrite),
        }

    def to(self, port, rewrite=(b"", b"")):
        proxy = Proxy(self, port, rewrite)
        self.run(proxy.listen())
        self.all.append(proxy)
        return proxy

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def close(self):
        self.run(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _end(self):
        for proxy in self.all:
            await proxy.close()
        # A connection may have been accepted a moment ago and be known to no proxy yet.
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for proxy in self.all:
                proxy.reset()
            await asyncio.wait(tasks, timeout=0.01)
        # What is aborted is closed in the loop's next round.
        await asyncio.sleep(0)


class Proxy:
    """Passes connections on to a port of this machine.

    `rewrite` replaces bytes by others, as many, in what goes to the port; they must come in one piece, as what a peer
    sends first after a handshake does.
    """

    def __init__(self, proxies, target, rewrite):
        assert len(rewrite[0]) == len(rewrite[1])
        self.proxies = proxies
        self.target = target
        self.rewrite = rewrite
        self.port = 0
        self.server = None
        self.connections = set()
        self.passing = asyncio.Event()
        self.passing.set()
        self.passed = 0
        self.fuse = None
        self.disturbed = 0
        self.healing = None

    @property
    def endpoint(self):
        return f"tcp://127.0.0.1:{self.port}"

    def disturb(self, action):
        """Begins a disturbance now."""
        self.proxies.run(self._disturb(action))

    def disturb_after(self, count, action):
        """Begins a disturbance when so many bytes have passed, both ways together, and never again."""
        self.fuse = (count, action)

    # On the proxies' thread

    async def listen(self):
        for port in [self.port] if self.port else PORTS:
            with contextlib.suppress(OSError):
                self.server = await asyncio.start_server(self._accept, "127.0.0.1", port)
                self.port = port
                return
        raise OSError(f"cannot listen on port {self.port}")

    async def close(self):
        if self.healing:
            self.healing.cancel()
        self.passing.set()
        self.server.close()
        while self.connections:
            self.reset()
            await asyncio.sleep(0.01)

    async def _accept(self, reader, writer):
        self.connections.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            self._abort(writer)
            self.connections.discard(writer)
            return
        self.connections.add(far_writer)
        try:
            await asyncio.gather(self._pump(reader, far_writer, self.rewrite), self._pump(far_reader, writer))
        finally:
            self.connections -= {writer, far_writer}

    async def _pump(self, reader, writer, rewrite=(b"", b"")):
        # A connection that ends, however it does, ends the other one too.
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if rewrite[0]:
                    data = data.replace(*rewrite)
                while data:
                    await self.passing.wait()
                    piece = data[: max(1, self.fuse[0] - self.passed)] if self.fuse else data
                    data = data[len(piece) :]
                    writer.write(piece)
                    await writer.drain()
                    await self._count(len(piece))
        with contextlib.suppress(OSError):
            writer.close()

    async def _count(self, count):
        self.passed += count
        if self.fuse and self.passed >= self.fuse[0]:
            action, self.fuse = self.fuse[1], None
            await self._disturb(action)

    async def _disturb(self, action):
        self.disturbed += 1
        if action == "stall":
            self.passing.clear()
        else:
            if action == "cut":
                self.server.close()
            self.reset()
        if action != "reset":
            if self.healing:
                self.healing.cancel()
            self.healing = self.proxies.loop.create_task(self._heal())

    async def _heal(self):
        await asyncio.sleep(self.proxies.hold)
        self.passing.set()
        if not self.server.is_serving():
            await self.listen()

    def reset(self):
        for writer in self.connections:
            self._abort(writer)

    @staticmethod
    def _abort(writer):
        """Ends a connection with RST, as a machine does that knows nothing of it any more."""
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
