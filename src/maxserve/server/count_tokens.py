"""`POST …/messages/count_tokens`: the size of a prompt, without answering it."""

from __future__ import annotations

from ..apis.anthropic import MessagesAdapter, count_body
from .exchange import Exchange
from .state import State


class CountTokensHandler:
    """Reads a request as `/v1/messages` does and counts its rendered prompt with the engine's tokenizer."""

    def __init__(self, state: State, adapter: MessagesAdapter) -> None:
        self._state = state
        self._adapter = adapter

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request."""
        body = await exchange.body(self._state.config.server.max_body_bytes)
        parsed = self._adapter.read(body, exchange.context)
        await exchange.respond(200, count_body(await self._state.service.count(parsed.request)))
