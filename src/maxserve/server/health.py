"""`GET /livez` (the process answers) and `GET /readyz` (every engine can answer)."""

from __future__ import annotations

import msgspec

from .exchange import Exchange, Receive, Scope, Send
from .routes import OPENAI
from .state import State


async def livez(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 as long as the process serves."""
    await Exchange(scope, receive, send, OPENAI).respond(200, b'{"status":"ok"}')


class Readyz:
    """200 where all engines are ready, else 503; the body says which are not."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        engines = self._state.router.states
        ready = all(state == "ready" for state in engines.values())
        body = msgspec.json.encode({"status": "ready" if ready else "not ready", "engines": engines})
        await Exchange(scope, receive, send, OPENAI).respond(200 if ready else 503, body)
