"""A poll outlives a database that is away for a moment: its client would take an error for the task's own."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from maxserve.server.runware import task_status as polls
from maxserve.server.runware.caller import Principal
from maxserve.server.runware.task_status import TaskStatus
from maxserve.store import StoreUnavailable
from maxserve.tasks import Task

ID = "0d2f6f0e-6f3b-4c0e-9a58-3a8d3a5b1c11"
TASK = Task(
    owner="", id=ID, kind="runware", delivery="async", state="succeeded", payload=b"{}", created_at=1.0,
    results=(b'{"taskType":"textInference","taskUUID":"%b","text":"Teal."}' % ID.encode(),),
)  # fmt: skip


class Flaky:
    """Refuses some reads, as a database that comes back."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals

    async def get(self, owner: str, ids: list[str]) -> dict[str, Task]:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("It is away.")
        return {ID: TASK}


def polling(refusals: int) -> TaskStatus:
    flaky = Flaky(refusals)

    async def work() -> Any:
        return flaky

    return TaskStatus(work, cast(Any, None), 120.0)


async def test_a_poll_waits_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "FIRST_PAUSE_S", 0.001)
    answered = await polling(3).answer(ID, ID, Principal("", None, False))
    assert not answered.errors
    assert msgspec.json.decode(answered.data[0])["status"] == "success"


async def test_a_poll_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "PATIENCE_S", 0.0)
    with pytest.raises(StoreUnavailable):
        await polling(1).answer(ID, ID, Principal("", None, False))
