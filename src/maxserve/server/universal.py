"""The endpoint of universal requests: steps are tried in their order until one answers."""

from __future__ import annotations

from ..chat import Error
from ..dialects.cloudflare.universal import Universal
from .asgi import Exchange
from .gateway import GatewayGeneration
from .passing import Passing
from .watch import Watch


class UniversalGeneration(GatewayGeneration):
    """Answers with the first step that succeeds; the header `cf-aig-step` says which it was."""

    async def attend(self, exchange: Exchange) -> None:
        """Read the steps and try them."""
        assert isinstance(exchange, Passing)
        assert isinstance(self.door, Universal)
        self.enter(exchange)
        settings = self.state.config
        body = await exchange.body(settings.server.max_body_bytes)
        steps = self.door.steps(body, exchange.arrival)
        async with Watch(exchange.scope, exchange.receive, settings.limits.request_timeout_s):
            for number, step in enumerate(steps):
                exchange.begin(number)
                exchange.door = step.door
                try:
                    await self.serve(step.read(), exchange)
                    return
                except Error as error:
                    if exchange.status or number == len(steps) - 1:
                        raise
                    if exchange.call is not None:
                        status = step.door.error(error, exchange.arrival)[0]
                        await self.write_down(exchange, exchange.call, status)
