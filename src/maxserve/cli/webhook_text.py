"""Webhook deliveries as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from ..tasks.view import AttemptView, DeliveryDetail, DeliveryView, EndpointView
from .table import clock, duration, fields, indented, printable, table

_RIGHT = ("attempts", "status")


def hooks_text(views: Sequence[DeliveryView], *, of_one: bool = False) -> str:
    """Return a table of deliveries, without what addresses say after a question mark: it is often a secret.

    `of_one` leaves the task out, and moves the table to the right.
    """
    rows = [
        [
            view.id,
            *([] if of_one else [view.task]),
            _shortened(view.url),
            view.state,
            clock(view.created_at) or "",
            clock(view.next_attempt_at) or "",
            str(view.attempts),
            "" if view.status is None else str(view.status),
            printable(view.reason or ""),
        ]
        for view in views
    ]
    head = ("delivery", *([] if of_one else ["task"]), "to", "state", "created", "next attempt", *_RIGHT, "reason")
    return "\n".join("  " * of_one + line for line in table(head, rows, _RIGHT).split("\n"))


def whole_text(view: DeliveryDetail) -> str:
    """Return all of a delivery on several lines."""
    parts = [
        fields(
            (
                ("delivery", view.id),
                ("key", view.key or None),
                ("task", view.task),
                ("result", str(view.position + 1)),
                ("to", view.url),
                ("state", view.state),
                ("created", clock(view.created_at)),
                ("finished", clock(view.finished_at)),
                ("next attempt", clock(view.next_attempt_at)),
                ("attempts", str(view.attempts)),
                ("status", None if view.status is None else str(view.status)),
                ("reason", view.reason),
            )
        )
    ]
    if view.body is not None:
        parts.append(f"body\n{indented(bytes(view.body))}")
    if view.history:
        parts.append(f"attempts\n{attempts_text(view.history)}")
    return "\n\n".join(parts)


def attempts_text(history: Sequence[AttemptView]) -> str:
    """Return a table of attempts, moved to the right."""
    rows = [
        [
            clock(one.at) or "",
            duration(one.took_s),
            "" if one.status is None else str(one.status),
            printable(one.reason or ""),
        ]
        for one in history
    ]
    lines = table(("at", "took", "status", "reason"), rows, ("took", "status")).split("\n")
    return "\n".join(f"  {line}" for line in lines)


def endpoints_text(views: Sequence[EndpointView]) -> str:
    """Return a table of addresses that are not called any more."""
    rows = [
        [printable(view.url), view.key or "-", clock(view.disabled_at) or "", printable(view.reason)] for view in views
    ]
    return table(("address", "key", "since", "reason"), rows)


def _shortened(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return printable(url)
    return printable(parts._replace(query="", fragment="").geturl()) + ("?…" if parts.query else "")
