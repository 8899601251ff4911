"""Sends webhook deliveries: claims due rows, POSTs them, records the outcome."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple

from ..store import StoreUnavailable
from ..store.clock import clock as clock_of
from ..store.database import Database
from ..store.failpoints import hit
from . import outbox
from .client import DeliveryFailed, WebhookClient, WebhookResponse
from .delivery import DeliveryAttempt, DeliveryState, WebhookDelivery, origin
from .retry_schedule import RetrySchedule, retry_after_seconds
from .settings import WebhookSettings
from .signature import Signer
from .url_guard import UrlGuard

MARGIN_S = 15.0
"""How much longer than an attempt its lease is: time to note what came of it on a busy database."""
TIDY_S = 60.0
_log = logging.getLogger("maxserve.webhooks")


class _Verdict(NamedTuple):
    """What an attempt means; `pause_s` where it is tried again."""

    state: DeliveryState
    reason: str = ""
    status: int | None = None
    pause_s: float = 0.0


class WebhookSender:
    """One per process and database; several processes share the work.

    A request is sent under a lease of `lease_s` (None = the timeout and some seconds), so that another process repeats
    it where this one dies. Any 2xx ends it, 410 disables the address, everything else is tried again by the schedule.
    One receiver has a quarter of all slots at most. `clock` is for tests; `tls` says which certificates are trusted.
    """

    def __init__(
        self,
        database: Database,
        settings: WebhookSettings,
        *,
        guard: UrlGuard,
        signer: Signer | None = None,
        clock: Callable[[], float] | None = None,
        poll_s: float = 1.0,
        lease_s: float | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._guard = guard
        self._now = clock_of(clock)
        self._wall = clock or time.time
        self._poll_s = poll_s
        self._lease_s = settings.timeout_s + MARGIN_S if lease_s is None else lease_s
        self._per_receiver = max(1, settings.concurrency // 4)
        self._client = WebhookClient(guard, settings.timeout_s, tls=tls)
        self._schedule = RetrySchedule(settings.schedule, settings.attempts)
        self._signer = signer or Signer(settings.secrets)
        self._worker = secrets.token_hex(8)
        self._woken = asyncio.Event()
        self._attempts: dict[asyncio.Task[None], str] = {}
        self._busy = 0  # posts whose request is not over
        self._loop: asyncio.Task[None] | None = None
        self._closing = False
        self._away = False
        self._tidied = time.monotonic()

    def start(self) -> None:
        """Begin; safe to call twice."""
        if self._loop is None and not self._closing:
            self._loop = asyncio.create_task(self._run(), name="webhooks")

    def wake(self) -> None:
        """Tell that something new waits, so that it need not be found by polling."""
        self._woken.set()

    async def close(self, drain_s: float = 5.0) -> None:
        """Claim nothing more, let requests that are under way end for `drain_s`, and give the others back."""
        self._closing = True
        self._woken.set()
        if self._loop is not None:
            await self._loop
        if not self._attempts:
            return
        await asyncio.wait(list(self._attempts), timeout=drain_s)
        if left := dict(self._attempts):
            for post in left:
                post.cancel()
            await asyncio.wait(left)
            await self._release(list(left.values()))

    async def _run(self) -> None:
        while not self._closing:
            self._woken.clear()
            pause_s = self._poll_s
            try:
                pause_s = await self._step()
                self._away = False
            except StoreUnavailable as error:
                if not self._away:
                    _log.warning("database unavailable, webhooks wait: %s", error)
                self._away = True
            except Exception:
                _log.exception("webhook sender failed, it retries")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause_s)

    async def _step(self) -> float:
        """Begin what is due and there is room for; return the seconds until there may be more, unless woken."""
        room = self._settings.concurrency - self._busy
        if room == 0:
            return self._poll_s
        is_due, pause_s = await self._database.read(lambda connection: outbox.due(connection, self._now(connection)))
        if is_due:
            deliveries = await self._database.write(
                lambda connection: outbox.claim(
                    connection,
                    self._worker,
                    lambda: self._now(connection),
                    lease_s=self._lease_s,
                    limit=room,
                    per_receiver=self._per_receiver,
                )
            )
            if self._closing:
                await self._release([delivery.id for delivery in deliveries])
                return 0.0
            for delivery in deliveries:
                post = asyncio.create_task(self._deliver(delivery), name=f"webhook {delivery.id}")
                self._attempts[post] = delivery.id
                self._busy += 1
                post.add_done_callback(self._ended)
        if time.monotonic() - self._tidied >= TIDY_S:
            self._tidied = time.monotonic()
            await self._database.write(
                lambda connection: outbox.tidy(connection, self._now(connection), self._settings.keep_s)
            )
        return self._poll_s if pause_s is None else min(pause_s, self._poll_s)

    def _ended(self, post: asyncio.Task[None]) -> None:
        del self._attempts[post]
        self._woken.set()
        if not post.cancelled() and (error := post.exception()) is not None:
            _log.error("webhook delivery failed, it is sent again when its lease expires", exc_info=error)

    async def _deliver(self, delivery: WebhookDelivery) -> None:
        hit("delivering")
        began, at = time.monotonic(), self._wall()
        try:
            verdict = await self._attempt(delivery, int(at))
        finally:
            # The next one is claimed while this one's outcome is written: in the same commit where that is possible.
            self._busy -= 1
            self._woken.set()
        attempt = DeliveryAttempt(at=at, took_s=time.monotonic() - began, status=verdict.status, reason=verdict.reason)
        if verdict.state in ("failed", "disabled"):
            _log.warning("Webhook %s to %s is %s: %s", delivery.id, origin(delivery.url), verdict.state, verdict.reason)
        await self._record(delivery, attempt, verdict, began)

    async def _attempt(self, delivery: WebhookDelivery, at: int) -> _Verdict:
        headers = self._signer.headers(delivery.owner, delivery.id, at, delivery.body)
        try:
            target = self._guard.check(delivery.url)
        except ValueError as error:  # it was accepted under another configuration: no attempt will help
            return _Verdict("failed", str(error))
        try:
            answer = await self._client.post(target, delivery.body, headers, on_sent=lambda: hit("delivery"))
        except DeliveryFailed as error:
            return self._retry(delivery, str(error))
        except Exception:
            _log.exception("webhook %s could not be sent", delivery.id)
            return self._retry(delivery, "The request could not be made.")
        hit("delivered")
        return self._classify(delivery, answer)

    def _classify(self, delivery: WebhookDelivery, answer: WebhookResponse) -> _Verdict:
        status = answer.status
        if 200 <= status < 300:
            return _Verdict("delivered", status=status)
        if status == 410:
            return _Verdict("disabled", outbox.GONE, status)
        why = f"The receiver answered {status}."
        if 300 <= status < 400:
            why = f"The receiver answered {status}: redirects are not followed."
        return self._retry(delivery, why, status, retry_after_seconds(status, answer.retry_after, self._wall()))

    def _retry(
        self, delivery: WebhookDelivery, reason: str, status: int | None = None, retry_after_s: float | None = None
    ) -> _Verdict:
        pause_s = self._schedule.pause(delivery.attempts + 1, retry_after_s)
        return _Verdict("failed", reason, status) if pause_s is None else _Verdict("waiting", reason, status, pause_s)

    async def _record(
        self, delivery: WebhookDelivery, attempt: DeliveryAttempt, verdict: _Verdict, began: float
    ) -> None:
        """Note it, also where the database is away for a while; once the lease is over somebody else sends it again."""
        while True:
            try:
                await self._database.write(
                    lambda connection: outbox.record(
                        connection,
                        delivery.id,
                        self._worker,
                        attempt,
                        now := self._now(connection),
                        state=verdict.state,
                        not_before=now + verdict.pause_s,
                    )
                )
            except StoreUnavailable:
                if time.monotonic() - began >= self._lease_s:
                    raise
                await asyncio.sleep(self._poll_s)
            else:
                return

    async def _release(self, ids: list[str]) -> None:
        with contextlib.suppress(StoreUnavailable):
            await self._database.write(lambda connection: outbox.release(connection, self._worker, ids))
