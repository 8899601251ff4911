"""Management paths of tasks: list, show, cancel, retry (docs/tasks.md)."""

from __future__ import annotations

import re
from typing import cast, get_args

import msgspec
from starlette.routing import BaseRoute, Route

from ..chat import InvalidRequest, NotFound, UnknownModel
from ..tasks import State as TaskState
from ..tasks import Task, admin_queries
from ..tasks.admin_queries import Cursor
from ..tasks.view import TaskPage, task_detail, task_view
from ..webhooks import outbox
from .exchange import Exchange
from .lifecycle import Gate
from .methods import MethodHandler
from .query import Query
from .records import MOUNT, Records, no_cursor
from .state import State
from .webhooks import WebhookManagement

STATES: tuple[str, ...] = get_args(TaskState)

_well_formed = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_cursor = re.compile(r"([0-9]{1,12}\.[0-9]{1,9})_([0-9a-f-]{36})_([0-9a-f]{0,64})").fullmatch
_encode = msgspec.json.Encoder().encode


def task_routes(state: State, gate: Gate) -> list[BaseRoute]:
    """Return the routes of tasks and of the webhooks that tell of them."""
    tasks, webhook_bodies = TaskManagement(state, gate), WebhookManagement(state, gate)
    paths: tuple[tuple[str, str, MethodHandler], ...] = (
        ("GET", "/tasks", tasks.list),
        ("GET", "/tasks/{task}", tasks.show),
        ("POST", "/tasks/{task}/cancel", tasks.cancel),
        ("POST", "/tasks/{task}/retry", tasks.retry),
        ("GET", "/webhooks", webhook_bodies.list),
        ("GET", "/webhooks/endpoints", webhook_bodies.endpoints),
        ("POST", "/webhooks/endpoints/enable", webhook_bodies.enable),
        ("GET", "/webhooks/{hook}", webhook_bodies.show),
        ("POST", "/webhooks/{hook}/replay", webhook_bodies.replay),
    )
    return [Route(MOUNT + path, tasks.endpoint(method, handler), methods=[method]) for method, path, handler in paths]


class TaskManagement(Records):
    """Answers the paths."""

    async def list(self, exchange: Exchange, query: Query) -> bytes:
        """Answer with a page of tasks, latest first."""
        query.only("state", "model", "since", "limit", "after")
        limit = query.number("limit", 20, 1, 100)
        state = query.choice("state", STATES)
        wanted = admin_queries.Wanted(
            owner=self.owner(exchange),
            states=() if state is None else (cast(TaskState, state),),
            models=self._names(query.text("model")),
            since=query.time("since"),
            after=_decode_cursor(query.text("after")),
            limit=limit + 1,
        )
        found = await self.read(lambda c: admin_queries.tasks(c, wanted))
        page = found[:limit]
        more = _encode_cursor(page[-1]) if len(found) > limit else None
        return _encode(TaskPage(tasks=[task_view(task) for task in page], next=more))

    async def show(self, exchange: Exchange, query: Query) -> bytes:
        """Answer with a task."""
        return await self._whole(await self._found(exchange))

    async def cancel(self, exchange: Exchange, query: Query) -> bytes:
        """Cancel a task that is not finished; one that was cancelled before is answered as it is."""
        task = await self._found(exchange)
        if task.state in ("succeeded", "failed"):
            raise InvalidRequest(f"The task {task.id} has {task.state} already; there is nothing left to cancel.")
        worker = await self.state.storage.worker()
        return await self._whole(await worker.cancel(task.owner, task.id) or task)

    async def retry(self, exchange: Exchange, query: Query) -> bytes:
        """Queue a task again that has failed or was cancelled."""
        task = await self._found(exchange)
        if task.state not in ("failed", "cancelled"):
            raise InvalidRequest(f"The task {task.id} is {task.state}; only failed and cancelled ones run again.")
        if task.expired:
            raise InvalidRequest(f"The task {task.id} has expired: what it asked is no longer kept.")
        worker = await self.state.storage.worker()
        return await self._whole(await worker.retry(task.owner, task.id) or task)

    def _names(self, wanted: str) -> tuple[str, ...]:
        """Return all names of a model; one that nobody knows may be of tasks that are older than the catalogue."""
        try:
            model = self.state.service.catalogue.resolve(wanted)
        except UnknownModel:
            return (wanted,) if wanted else ()
        return model.name, *model.aliases

    async def _found(self, exchange: Exchange) -> Task:
        """Return the task that the path names; raises `NotFound`."""
        task_id, owner = exchange.context.path["task"].lower(), self.owner(exchange)
        found: Task | None = None
        if _well_formed(task_id):
            owners = await self.read(lambda c: admin_queries.matching(c, task_id, owner, limit=1))
            if owners:
                worker = await self.state.storage.worker()
                found = (await worker.get(owners[0][0], [task_id])).get(task_id)
        if found is None:
            raise NotFound(f"There is no task {task_id}.")
        return found

    async def _whole(self, task: Task) -> bytes:
        webhook_bodies = await self.read(lambda c: outbox.deliveries(c, task.owner, task=task.id))
        return _encode(task_detail(task, await self.state.storage.public_payload(task), webhook_bodies))


def _encode_cursor(task: Task) -> str:
    return f"{task.created_at!r}_{task.id}_{task.owner}"


def _decode_cursor(cursor: str) -> Cursor | None:
    if not cursor:
        return None
    found = _cursor(cursor)
    if found is None:
        raise no_cursor()
    return Cursor(float(found[1]), found[2], found[3])
