"""The server process: binds, starts the engines, announces itself, serves, drains and ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
import uvloop

from ..catalogue import Catalogue
from ..config import Config, ConfigError, refuse_unknown_endpoints
from ..config.settings import SensitivitySettings
from ..engines.router import Router
from ..families import prepare
from ..moderation import ModerationEndpoint
from ..service import Engines, ModerationGate, Service, ServiceLimits
from .exchange import App
from .http_protocol import HttpProtocol
from .state import State
from .storage import Storage, preload
from .websocket_protocol import WebSocketProtocol

log = logging.getLogger("maxserve.server")
Announce = Callable[[str], None]


def create_state(config: Config, engines: Engines | None = None) -> State:
    """Build everything of a server but its sockets; nothing is started. `engines` replaces the configured ones.

    Raises `ValueError` for a wrong catalogue or mask, `ConfigError` where a path is bound to no model of it.
    """
    router = Router.of(config.engines, config.data_dir)
    limits = ServiceLimits(
        max_concurrent=config.limits.max_concurrent, max_queue=config.limits.max_queue, max_n=config.limits.max_n
    )
    catalogue = Catalogue.load(config.catalogue.file)
    prepare()
    refuse_unknown_endpoints(config, catalogue)
    masking = config.masking_policy()
    if masking.ever:
        masking.warm()
    service = Service(catalogue, engines or router, limits, masking, _moderation_gate(config.sensitivity))
    return State(config, router, service, config.access_keys(), Storage(config))


def _moderation_gate(settings: SensitivitySettings) -> ModerationGate | None:
    """Return the moderation of prompts and answers, None where no category is configured."""
    policy = settings.policy()
    if not policy.active:
        return None
    moderation = None
    if settings.url is not None:
        moderation = ModerationEndpoint(
            settings.url, key=settings.key, model=settings.model, timeout_s=settings.timeout_s, names=settings.names()
        )
    return ModerationGate(policy, moderation, settings.stretch)


def run(config: Config, *, announce: Announce = print) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code: 0, or 1 where it cannot serve.

    `announce` gets `listening on http://HOST:PORT` once an engine can answer, then a line per engine.
    """
    logging.basicConfig(
        level=config.server.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        listener = bind(config.server.host, config.server.port)
    except OSError as error:
        print(
            f"maxserve: cannot listen on {config.server.host}:{config.server.port}: {error.strerror}.", file=sys.stderr
        )
        return 1
    try:
        state = create_state(config)
    except (ConfigError, ValueError, OSError) as error:
        listener.close()
        print(f"maxserve: {error}", file=sys.stderr)
        return 1
    return uvloop.run(_serve(state, listener, announce))


def uvicorn_config(app: App, max_body_bytes: int, drain_s: float) -> uvicorn.Config:
    """Return how uvicorn serves the app."""
    return uvicorn.Config(
        app,
        http=HttpProtocol,
        ws=WebSocketProtocol,
        ws_max_size=max_body_bytes,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, round(drain_s)),
    )


async def _serve(state: State, listener: socket.socket, announce: Announce) -> int:
    settings = state.config.server
    state.router.start()
    # The engines load meanwhile, in processes of their own.
    app = await asyncio.to_thread(_load_app, state)
    config = uvicorn_config(app, settings.max_body_bytes, settings.drain_s)
    server = _Server(config, state.storage, settings.drain_s)
    serving = asyncio.create_task(server.serve([listener]))
    starting = asyncio.create_task(state.router.started())
    resuming: asyncio.Task[None] | None = None
    try:
        await asyncio.wait({serving, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            if all(engine_state == "failed" for engine_state in state.router.states.values()):
                server.should_exit = True
                await serving
                print("maxserve: no engine could be started; the log above says why.", file=sys.stderr)
                return 1
            resuming = asyncio.create_task(state.storage.resume())
            _tune_garbage_collector()
            _announce(state, listener, announce)
        await serving
        return 0
    finally:
        starting.cancel()
        if resuming is not None:
            resuming.cancel()
        await state.router.close()
        await state.service.close()
        await state.storage.close()


def _load_app(state: State) -> App:
    """Import every endpoint and what the database needs, then build the app: no request has to wait for an import."""
    from .app import create_app

    preload()
    return create_app(state)


def _announce(state: State, listener: socket.socket, announce: Announce) -> None:
    host, port = listener.getsockname()[:2]
    announce(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}")
    for engine in state.router:
        name = engine.name
        if engine.state != "ready":
            announce(f"  {name}: {engine.state}")
            continue
        info = engine.info
        names = [model.name for model in state.service.catalogue.models if model.engine == name]
        demo = " (a tiny demo checkpoint, not the real weights)" if info.demo else ""
        announce(f"  {name}: {info.checkpoint}{demo}, context {info.context:,}, {info.parallel} at once")
        announce(f"      serves {', '.join(names)}")


def _tune_garbage_collector() -> None:
    """Let the collector pass over what lives as long as the process, and look for cycles less often.

    Requests are freed by their reference counts; the collector costs several percent of the time under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def bind(host: str, port: int) -> socket.socket:
    """Return a listening-ready socket; raises `OSError`."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """uvicorn, with signals taken by the event loop: the engines are closed before the process ends.

    While it waits for running requests, durable work comes to its rest, too.
    """

    def __init__(self, config: uvicorn.Config, storage: Storage, drain_s: float) -> None:
        super().__init__(config)
        self._storage = storage
        self._drain_s = drain_s

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        draining = asyncio.create_task(self._storage.drain(self._drain_s))
        await super().shutdown(sockets)
        while not draining.done() and not self.force_exit:
            await asyncio.wait({draining}, timeout=0.1)
        draining.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        sockets = [each for each in self.server_state.connections if isinstance(each, WebSocketProtocol)]
        running = len(self.server_state.tasks) - sum(not each.busy for each in sockets)
        if running and not self.should_exit:
            log.warning("stopping once %d running requests are answered; Ctrl-C again stops at once", running)
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
