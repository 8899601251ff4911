"""`maxserve tasks`: look at durable work, cancel it, try it again."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, get_args

from ..config import Config, ConfigError
from ..tasks import State, Task
from . import webhooks as hooks
from .failure import Failure
from .options import load_config
from .records import only, records
from .task_options import add_common, add_limit, add_since, add_state, given, key_of, print_json, say, since_of
from .task_text import tasks_text, whole_text

if TYPE_CHECKING:
    from ..store.database import Database
    from ..tasks.admin_queries import Wanted

STATES: tuple[str, ...] = get_args(State)
RETRYABLE = ("failed", "cancelled")
MOST = 10_000
"""Tasks that one call tries again."""

Step = Callable[["Database", Task], Awaitable[str]]
"""Does something to a task and returns what to say of it; raises `Failure`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions; without one the tasks are listed."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="list the tasks, latest first (also without ACTION)")
    for own in (parser, listing):
        add_state(own, STATES)
        _add_filters(own)
        add_limit(own)
    show = actions.add_parser("show", help="show all of a task: what was asked and answered, its attempts and webhooks")
    show.add_argument("id", metavar="ID", help="its id, or how that begins")
    cancel = actions.add_parser("cancel", help="cancel tasks that wait or run")
    cancel.add_argument("ids", nargs="+", metavar="ID", help="an id, or how it begins")
    retry = actions.add_parser("retry", help="queue tasks again that have failed or were cancelled")
    retry.add_argument("ids", nargs="*", metavar="ID", help="an id, or how it begins")
    retry.add_argument("--all", action="store_true", help="all that --state and the other filters leave")
    add_state(retry, RETRYABLE)
    _add_filters(retry)
    add_common(parser, listing, show, cancel, retry)
    hooks.add_arguments(
        actions.add_parser("webhooks", help="what was sent to webhooks: list it, show it, send it again")
    )


def run(args: argparse.Namespace) -> int:
    """Do the action; returns the exit code."""
    if args.action == "webhooks":
        return hooks.run(args)
    action = {"show": _show, "cancel": _cancel, "retry": _retry}.get(args.action, _list)
    return asyncio.run(action(args, load_config(args).config))


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default=argparse.SUPPRESS, metavar="NAME", help="of this model only, by any name")
    add_since(parser)


async def _list(args: argparse.Namespace, config: Config) -> int:
    from ..tasks import admin_queries as lookup
    from ..tasks.view import task_view

    limit = given(args, "limit", 20)
    wanted = _wanted(args, config, limit + 1)
    async with records(config) as database:
        found = await database.read(lambda c: lookup.tasks(c, wanted))
    views = [task_view(task) for task in found[:limit]]
    if given(args, "json"):
        print_json({"tasks": views})
    elif views:
        print(tasks_text(views))
        if len(found) > limit:
            say(f"These are the latest {limit}; --limit N shows more.")
    else:
        say("There is no such task.")
    return 0


async def _show(args: argparse.Namespace, config: Config) -> int:
    from ..tasks.view import task_detail
    from ..webhooks import outbox

    async with records(config) as database:
        task = await _found(database, args.id, key_of(args))
        sent = await database.read(lambda c: outbox.deliveries(c, task.owner, task=task.id))
    view = task_detail(task, await _asked(config, task), sent)
    if given(args, "json"):
        print_json(view)
    else:
        print(whole_text(view))
    return 0


async def _cancel(args: argparse.Namespace, config: Config) -> int:
    from ..tasks import queue

    async def cancel(database: Database, task: Task) -> str:
        if task.finished:
            raise Failure(f"The task {task.id} {_ended(task)} already: there is nothing left to cancel.")
        if not await database.write(lambda c: queue.flag(c, task)):
            raise Failure(
                f"The task {task.id} moved on just now. Look at it, and cancel it again if you still want to."
            )
        if task.state == "running":
            return f"The task {task.id} runs; whoever runs it has been told to stop."
        return f"The task {task.id} will not run: a server that runs cancels it now, else the next one that starts."

    async with records(config) as database:
        return await _each(args, database, cancel)


async def _retry(args: argparse.Namespace, config: Config) -> int:
    from ..store.clock import clock
    from ..tasks import admin_queries as lookup
    from ..tasks import queue

    if args.all == bool(args.ids):
        raise ConfigError("Say which tasks: some by their ids, or --all --state failed.")
    if args.all and given(args, "state") is None:
        raise ConfigError("--all needs --state: failed or cancelled.")
    now = clock()

    async def retry(database: Database, task: Task) -> str:
        if await database.write(lambda c: queue.retry(c, task.owner, task.id, now(c))) is not None:
            return _queued(task)
        if task.expired:
            raise Failure(f"The task {task.id} has expired: what it asked is no longer kept.")
        raise Failure(f"The task {task.id} {_ended(task)}: only failed and cancelled ones can be tried again.")

    async with records(config) as database:
        if not args.all:
            return await _each(args, database, retry)
        wanted = _wanted(args, config, MOST)
        found = await database.read(lambda c: lookup.tasks(c, wanted))
        done = await database.write(lambda c: [task for task in found if queue.retry(c, task.owner, task.id, now(c))])
    if given(args, "json"):
        print_json({"ids": [task.id for task in done]})
    else:
        print("\n".join(map(_queued, done)) or "There is no such task.")
    return 0


async def _each(args: argparse.Namespace, database: Database, step: Step) -> int:
    """Take the step for every id; one that cannot be taken does not stop the others. Returns the exit code."""
    from ..tasks.view import task_view

    code, done = 0, []
    for beginning in args.ids:
        try:
            task = await _found(database, beginning, key_of(args))
            text = await step(database, task)
        except Failure as failure:
            code = 1
            print(f"maxserve: {failure}", file=sys.stderr)
            continue
        done.append(await _now(database, task))
        if not given(args, "json"):
            print(text)
    if given(args, "json"):
        print_json({"tasks": [task_view(task) for task in done]})
    return code


async def _found(database: Database, beginning: str, owner: str | None) -> Task:
    from ..tasks import admin_queries as lookup

    found = await database.read(lambda c: lookup.matching(c, beginning, owner))
    task_id = only([task_id for _, task_id in found], "task", beginning)
    task = await database.read(lambda c: lookup.task(c, found[0][0], task_id))
    if task is None:
        raise Failure(f"The task {task_id} was forgotten just now.")
    return task


async def _asked(config: Config, task: Task) -> bytes | None:
    """Return what a task asked as a server with this configuration shows it; no engine is started."""
    from ..server.run import create_state
    from ..server.runware import register_task_handler

    try:
        state = create_state(config)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    register_task_handler(state)
    return await state.storage.public_payload(task)


async def _now(database: Database, task: Task) -> Task:
    """Return the task as it has become."""
    from ..tasks import admin_queries as lookup

    return await database.read(lambda c: lookup.task(c, task.owner, task.id)) or task


def _wanted(args: argparse.Namespace, config: Config, limit: int) -> Wanted:
    from ..catalogue import Catalogue
    from ..tasks.admin_queries import Wanted

    models: tuple[str, ...] = ()
    if (name := given(args, "model")) is not None:
        try:
            model = Catalogue.load(config.catalogue.file).resolve(name)
        except (OSError, ValueError) as error:
            raise ConfigError(f"The catalogue cannot be read: {error}") from error
        models = (model.name, *model.aliases)
    state = given(args, "state")
    return Wanted(
        owner=key_of(args),
        states=() if state is None else (state,),
        models=models,
        since=since_of(args),
        limit=limit,
    )


def _queued(task: Task) -> str:
    return f"The task {task.id} is queued again."


def _ended(task: Task) -> str:
    return {"cancelled": "was cancelled", "succeeded": "has succeeded", "failed": "has failed"}.get(
        task.state, f"is {task.state}"
    )
