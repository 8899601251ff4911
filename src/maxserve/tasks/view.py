"""The form in which tasks and deliveries are shown, on the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw

from ..webhooks.delivery import DeliveryState, WebhookDelivery
from .task import Delivery, State, Task

Percent = Annotated[int, Meta(ge=0, le=100)]
Number = Annotated[int, Meta(ge=0)]
Moment = Annotated[datetime, Meta(tz=True)]
Key = Annotated[str, Meta(description="The id of the key that asked: how its digest begins; empty without one.")]
Status = Annotated[int | None, Meta(description="The status that came back, null where none came.")]
Next = Annotated[str | None, Meta(description="What to give as `after` for the next page; null on the last one.")]
Reason = Annotated[str | None, Meta(description="What went wrong.")]


class Shown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A struct that is only written."""


class TaskUsage(Shown, frozen=True, kw_only=True):
    """Tokens of all results together."""

    prompt_tokens: Number
    completion_tokens: Number


class TaskView(Shown, frozen=True, kw_only=True):
    """A task without its request and results."""

    id: str
    key: Key
    kind: Annotated[str, Meta(description="Whose API was asked.")]
    model: str
    delivery: Delivery
    state: State
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    next_attempt_at: Annotated[Moment | None, Meta(description="Not before then, where it waits after a failure.")]
    attempts: Annotated[Number, Meta(description="How often it was begun, takeovers aside.")]
    takeovers: Annotated[Number, Meta(description="How often the process died that ran it.")]
    progress: Annotated[Percent | None, Meta(description="The share of the prompt that is read.")]
    cancelling: Annotated[bool, Meta(description="It is about to be cancelled.")]
    expired: Annotated[bool, Meta(description="What was asked and answered is thrown away.")]
    webhook: Annotated[str | None, Meta(description="Where its results are sent.")]
    error_code: Annotated[str | None, Meta(description="Why there is no result, in a word.")]
    usage: TaskUsage
    cost: Annotated[float, Meta(ge=0, description="US dollars.")]


class DeliveryView(Shown, frozen=True, kw_only=True):
    """A delivery to a webhook without its body."""

    id: Annotated[str, Meta(description="The same on every attempt: the header `webhook-id`.")]
    key: Key
    task: Annotated[str, Meta(description="The id of the task that it tells of.")]
    position: Annotated[Number, Meta(description="Which of the task's results it tells of, from 0.")]
    url: str
    state: DeliveryState
    created_at: Moment
    finished_at: Moment | None
    next_attempt_at: Annotated[Moment | None, Meta(description="When it is tried next, while it waits.")]
    attempts: Number
    status: Status
    reason: Reason


class AttemptView(Shown, frozen=True, kw_only=True):
    """One request to a webhook, and its outcome."""

    at: Moment
    took_s: Annotated[float, Meta(ge=0)]
    status: Status
    reason: Reason


class DeliveryWithAttempts(DeliveryView, frozen=True, kw_only=True):
    """A delivery with its latest attempts."""

    history: list[AttemptView]


class DeliveryDetail(DeliveryWithAttempts, frozen=True, kw_only=True):
    """A delivery with its latest attempts and its body."""

    body: Annotated[Raw | None, Meta(description="What is sent.")]


class TaskDetail(TaskView, frozen=True, kw_only=True):
    """A task with its request and results."""

    request: Annotated[Raw | None, Meta(description="What was asked, masked where the answer is; null once expired.")]
    results: Annotated[list[Raw], Meta(description="What was answered.")]
    error: Annotated[Raw | None, Meta(description="Why there is no result.")]
    webhooks: list[DeliveryWithAttempts]


class EndpointView(Shown, frozen=True, kw_only=True):
    """A disabled webhook address."""

    key: Key
    url: str
    disabled_at: Moment
    reason: str


class TaskPage(Shown, frozen=True, kw_only=True):
    """Tasks, latest first."""

    tasks: list[TaskView]
    next: Next


class DeliveryPage(Shown, frozen=True, kw_only=True):
    """Deliveries, latest first."""

    webhooks: list[DeliveryView]
    next: Next


class EndpointList(Shown, frozen=True, kw_only=True):
    """Disabled webhook addresses."""

    endpoints: list[EndpointView]


def task_view(task: Task) -> TaskView:
    """Return what lists show of a task."""
    return TaskView(**_of_task(task))


def task_detail(task: Task, request: bytes | None, webhook_bodies: Iterable[WebhookDelivery]) -> TaskDetail:
    """Return all of a task, with what it asked as that may be shown, and the deliveries that tell of it."""
    return TaskDetail(
        **_of_task(task),
        request=_raw(request),
        results=[Raw(result) for result in task.results],
        error=_raw(task.error),
        webhooks=[
            DeliveryWithAttempts(**_of_hook(hook), history=_history(hook))
            for hook in sorted(webhook_bodies, key=lambda hook: hook.position)
        ],
    )


def delivery_view(hook: WebhookDelivery) -> DeliveryView:
    """Return what lists show of a delivery."""
    return DeliveryView(**_of_hook(hook))


def delivery_detail(hook: WebhookDelivery) -> DeliveryDetail:
    """Return all of a delivery."""
    return DeliveryDetail(**_of_hook(hook), history=_history(hook), body=_raw(hook.body))


def endpoint_view(owner: str, url: str, disabled_at: float, reason: str) -> EndpointView:
    """Return what is shown of an address that is not called any more."""
    return EndpointView(key=owner, url=url, disabled_at=moment(disabled_at), reason=reason)


def moment(seconds: float) -> datetime:
    """Return Unix seconds as a time in UTC, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def _of_task(task: Task) -> dict[str, Any]:
    later = task.state == "queued" and task.attempts > 0 and task.not_before > task.created_at
    return {
        "id": task.id,
        "key": task.owner,
        "kind": task.kind,
        "model": task.model,
        "delivery": task.delivery,
        "state": task.state,
        "created_at": moment(task.created_at),
        "started_at": _maybe(task.started_at),
        "finished_at": _maybe(task.finished_at),
        "next_attempt_at": moment(task.not_before) if later else None,
        "attempts": task.attempts,
        "takeovers": task.takeovers,
        "progress": None if task.progress is None else min(100, max(0, task.progress)),
        "cancelling": task.cancelling and not task.finished,
        "expired": task.expired,
        "webhook": task.webhook,
        "error_code": task.error_code,
        "usage": TaskUsage(prompt_tokens=task.prompt_tokens, completion_tokens=task.completion_tokens),
        "cost": task.cost,
    }


def _of_hook(hook: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": hook.id,
        "key": hook.owner,
        "task": hook.task,
        "position": hook.position,
        "url": hook.url,
        "state": hook.state,
        "created_at": moment(hook.created_at),
        "finished_at": _maybe(hook.finished_at),
        "next_attempt_at": moment(hook.not_before) if hook.state == "waiting" else None,
        "attempts": hook.attempts,
        "status": hook.status,
        "reason": hook.reason or None,
    }


def _history(hook: WebhookDelivery) -> list[AttemptView]:
    return [
        AttemptView(at=moment(one.at), took_s=round(one.took_s, 3), status=one.status, reason=one.reason or None)
        for one in hook.history
    ]


def _maybe(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def _raw(body: bytes | None) -> Raw | None:
    return Raw(body) if body else None
