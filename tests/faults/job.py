"""A task of a storm as its client sees it, and what may not be seen."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

from .parties import STUMBLE

Items = list[dict[str, Any]]

LOST = {"taskNotFound", "taskFailedOrNotFound", "taskExpired"}


class Job:
    """One task: how it is asked for, and everything that its client was told. `complaints` are the broken promises."""

    def __init__(self, draw: random.Random, webhook_bodies: str) -> None:
        self.id = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        self.delivery = draw.choices(("async", "sync", "stream"), (6, 3, 1))[0]
        self.results = draw.choice((1, 1, 2))
        self.webhook = f"{webhook_bodies}/hook/{self.id}" if self.delivery != "stream" and draw.random() < 0.6 else None
        if self.delivery == "stream":
            self.results = 1
        # A failing sync task is its client's to try again; here only the queue is to do so.
        self.stumbles = self.delivery == "async" and draw.random() < 0.15
        self.acknowledged = False
        self.public_payload: tuple[str, ...] | None = None
        self.failed: str | None = None
        self.complaints: list[str] = []

    @property
    def finished(self) -> bool:
        """Whether its client has been told how it ended."""
        return self.public_payload is not None or self.failed is not None

    def request(self) -> bytes:
        """Return the array that asks for it; the same bytes at every try."""
        content = f"Storm {self.id}{', ' + STUMBLE if self.stumbles else ''}"
        task: dict[str, Any] = {
            "taskType": "textInference",
            "taskUUID": self.id,
            "model": "minimax:m2.7@0",
            "deliveryMethod": self.delivery,
            "numberResults": self.results,
            "messages": [{"role": "user", "content": content}],
            "settings": {"maxTokens": 24},
        }
        return json.dumps([task if self.webhook is None else {**task, "webhookURL": self.webhook}]).encode()

    def tell(self, items: Items, errors: Items, *, acknowledged: bool, finished: bool) -> None:
        """Take what `getResponse` says of it; the two say how it stood when that was asked."""
        if errors:
            code = str(errors[0].get("code"))
            if code in LOST:
                if acknowledged:
                    self.complain(f"was acknowledged, then {code}")
            elif self.public_payload is not None:
                self.complain(f"succeeded, then failed with {code}: {errors[0].get('message')}")
            elif self.delivery == "stream":
                self.failed = code
            else:
                self.failed = code
                self.complain(f"failed with {code}: {errors[0].get('message')}")
            return
        if {item.get("status") for item in items} == {"processing"}:
            if finished:
                self.complain("was finished, then processing again")
            return
        if any(item.get("status") != "success" for item in items):
            self.complain(f"is shown as {items}")
        else:
            self.show(items)

    def show(self, items: Items) -> None:
        """Take its results, from a poll or from the answer of a sync task."""
        texts = tuple(str(item.get("text")) for item in items)
        if len(texts) != self.results:
            self.complain(f"has {len(texts)} results for {self.results}")
        if self.failed is not None:
            self.complain(f"failed with {self.failed}, then succeeded")
        if self.public_payload is None:
            self.public_payload = texts
        elif self.public_payload != texts:
            self.complain(f"first showed {self.public_payload}, then {texts}")

    def complain(self, what: str) -> None:
        """Take down a broken promise."""
        if len(self.complaints) < 3:
            self.complaints.append(f"{self.delivery} task {self.id} {what}")
