"""`POST …/messages/count_tokens`: how large a prompt would be, without answering it."""

from __future__ import annotations

import logging

from ..apis.anthropic import MessagesAdapter, count_body
from ..chat import Error, InternalError
from .exchange import ClientGone, Exchange, Receive, Scope, Send
from .generation import log_access
from .state import State

log = logging.getLogger("maxserve.server")


class CountTokensEndpoint:
    """Reads a request as `/v1/messages` would and counts its rendered prompt with the engine's tokenizer."""

    def __init__(self, state: State, adapter: MessagesAdapter) -> None:
        self._state = state
        self._adapter = adapter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send, self._adapter)
        settings = self._state.config.server
        try:
            exchange.authenticate(self._state.keys)
            asked = self._adapter.read(await exchange.body(settings.max_body_bytes), exchange.context)
            await exchange.respond(200, count_body(await self._state.service.count(asked.request)))
        except ClientGone:
            pass
        except Error as error:
            await exchange.fail(error)
        except Exception:
            log.exception("request %s failed", exchange.id)
            await exchange.fail(InternalError(f"The server made a mistake; it is logged under {exchange.id}."))
        finally:
            if settings.access_log:
                log_access(exchange)
