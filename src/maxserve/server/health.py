"""`GET /livez` (the process answers) and `GET /readyz` (every engine can answer)."""

from __future__ import annotations

import msgspec

from .exchange import Exchange
from .state import State


async def livez(exchange: Exchange) -> None:
    """Answer 200 as long as the process serves."""
    await exchange.respond(200, b'{"status":"ok"}')


class ReadyzHandler:
    """Answers 200 where all engines are ready, else 503; the body lists the state of each."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        engines = self._state.router.states
        ready = all(state == "ready" for state in engines.values())
        body = msgspec.json.encode({"status": "ready" if ready else "not ready", "engines": engines})
        await exchange.respond(200 if ready else 503, body)
