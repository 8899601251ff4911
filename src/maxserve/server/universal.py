"""The endpoint of universal requests: steps are tried in their order until one answers."""

from __future__ import annotations

from ..apis.cloudflare.universal import UniversalAdapter
from ..chat import Error
from .cancellation import DisconnectWatcher
from .exchange import Exchange
from .gateway import GatewayGeneration
from .gateway_exchange import GatewayExchange


class UniversalGeneration(GatewayGeneration):
    """Answers with the first step that succeeds; the header `cf-aig-step` says which it was."""

    async def attend(self, exchange: Exchange) -> None:
        """Read the steps and try them."""
        assert isinstance(exchange, GatewayExchange)
        assert isinstance(self.adapter, UniversalAdapter)
        self.enter(exchange)
        settings = self.state.config
        body = await exchange.body(settings.server.max_body_bytes)
        steps = self.adapter.steps(body, exchange.context)
        async with DisconnectWatcher(exchange.scope, exchange.receive, settings.limits.request_timeout_s):
            for number, step in enumerate(steps):
                exchange.begin(number)
                exchange.adapter = step.adapter
                try:
                    await self.serve(step.read(), exchange)
                    return
                except Error as error:
                    if exchange.status or number == len(steps) - 1:
                        raise
                    if exchange.call is not None:
                        status = step.adapter.error(error, exchange.context)[0]
                        await self.write_down(exchange, exchange.call, status)
