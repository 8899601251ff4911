"""The endpoint of universal requests: steps are tried in their order until one answers."""

from __future__ import annotations

from ..chat import Error
from ..dialects.cloudflare.universal import Universal
from .asgi import Exchange
from .gateway import GatewayGeneration, Passing
from .watch import Watch


class UniversalGeneration(GatewayGeneration):
    """Answers with the first step that succeeds; the header `cf-aig-step` says which it was."""

    async def attend(self, exchange: Exchange) -> None:
        """Read the steps and try them."""
        assert isinstance(exchange, Passing)
        assert isinstance(self.door, Universal)
        settings = self.state.config
        body = await exchange.body(settings.server.max_body_bytes)
        steps = self.door.steps(body, exchange.arrival)
        async with Watch(exchange.scope, exchange.receive, settings.limits.request_timeout_s):
            for number, step in enumerate(steps):
                exchange.step = number
                exchange.added = []
                try:
                    asked = step.read()
                    exchange.door = asked.door
                    await self.serve(asked, exchange)
                    return
                except Error:
                    if exchange.status or number == len(steps) - 1:
                        raise
