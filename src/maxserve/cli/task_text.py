"""Tasks as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ..tasks.view import TaskDetail, TaskView
from .table import clock, duration, fields, indented, printable, table
from .webhook_text import attempts_text, hooks_text

_RIGHT = ("took", "tokens", "cost")


def tasks_text(views: Sequence[TaskView]) -> str:
    """Return a table of tasks; the keys are a column where there are any."""
    keyed = any(view.key for view in views)
    head = ["task", *(["key"] if keyed else []), "model", "delivery", "state", "accepted", *_RIGHT, "error"]
    rows = [
        [
            view.id,
            *([view.key or "-"] if keyed else []),
            printable(view.model) or "-",
            view.delivery,
            _state(view),
            clock(view.created_at) or "-",
            _took(view),
            str(view.usage.prompt_tokens + view.usage.completion_tokens),
            f"{view.cost:.6f}",
            view.error_code or "",
        ]
        for view in views
    ]
    return table(head, rows, _RIGHT)


def whole_text(view: TaskDetail) -> str:
    """Return all of a task on several lines."""
    usage = view.usage
    parts = [
        fields(
            (
                ("task", view.id),
                ("key", view.key or None),
                ("kind", view.kind),
                ("model", view.model or None),
                ("delivery", view.delivery),
                ("state", _state(view)),
                ("accepted", clock(view.created_at)),
                ("begun", clock(view.started_at)),
                ("finished", clock(view.finished_at)),
                ("next attempt", clock(view.next_attempt_at)),
                ("took", _took(view) or None),
                ("attempts", str(view.attempts)),
                ("takeovers", str(view.takeovers) if view.takeovers else None),
                ("tokens", f"{usage.prompt_tokens} read, {usage.completion_tokens} written"),
                ("cost", f"${view.cost:.8f}"),
                ("webhook", view.webhook),
                ("error", view.error_code),
            )
        )
    ]
    if view.expired:
        parts.append("What was asked and answered has expired: it is no longer kept.")
    if view.request is not None:
        parts.append(f"request\n{indented(bytes(view.request))}")
    many = len(view.results) > 1
    parts += [
        f"result {number} of {len(view.results)}\n{indented(bytes(result))}"
        if many
        else f"result\n{indented(bytes(result))}"
        for number, result in enumerate(view.results, 1)
    ]
    if view.error is not None:
        parts.append(f"error\n{indented(bytes(view.error))}")
    if view.webhooks:
        parts.append(f"webhooks\n{hooks_text(view.webhooks, of_one=True)}")
        parts += [
            f"attempts of {hook.id}\n{attempts_text(hook.history)}" for hook in view.webhooks if len(hook.history) > 1
        ]
    return "\n\n".join(parts)


def _state(view: TaskView) -> str:
    if view.cancelling:
        return "cancelling"
    if view.state == "running" and view.progress is not None and view.progress < 100:
        return f"running {view.progress}%"
    return view.state


def _took(view: TaskView) -> str:
    """How long it ran, or has been running."""
    if view.started_at is None:
        return ""
    end = view.finished_at or datetime.now(UTC)
    return duration(max(0.0, (end - view.started_at).total_seconds()))
