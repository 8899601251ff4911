"""`maxserve tasks webhooks`: look at deliveries to webhooks, send them again, enable addresses."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

from ..config import Config, ConfigError
from ..webhooks.delivery import DeliveryState, WebhookDelivery
from .failure import Failure
from .options import load_config
from .records import only, records
from .task_options import add_common, add_limit, add_state, given, key_of, print_json, say
from .webhook_text import endpoints_text, hooks_text, whole_text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ..store.database import Database

STATES: tuple[str, ...] = get_args(DeliveryState)
REPLAYED = ("failed", "disabled", "delivered")
_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions; without one the deliveries are listed."""
    actions = parser.add_subparsers(dest="hook_action", metavar="ACTION")
    listing = actions.add_parser("list", help="list the deliveries, latest first (also without ACTION)")
    for own in (parser, listing):
        add_state(own, STATES)
        add_limit(own)
    show = actions.add_parser("show", help="show a delivery: its body, and what came of each attempt")
    show.add_argument("id", metavar="ID", help="its id, or how that begins")
    replay = actions.add_parser("replay", help="send deliveries again, under the same ids")
    replay.add_argument("ids", nargs="*", metavar="ID", help="an id, or how it begins")
    replay.add_argument("--all", action="store_true", help="all in the state that --state says")
    add_state(replay, REPLAYED)
    for own in (parser, listing, replay):
        own.add_argument(
            "--task", default=argparse.SUPPRESS, metavar="ID", help="those of this task: its id, or how that begins"
        )
    endpoints = actions.add_parser("endpoints", help="list the addresses that asked for no more requests")
    enable = actions.add_parser("enable", help="call an address again that asked for no more requests")
    enable.add_argument("url", metavar="URL", help="the address")
    add_common(parser, listing, show, replay, endpoints, enable)


def run(args: argparse.Namespace) -> int:
    """Do the action; returns the exit code."""
    actions = {"show": _show, "replay": _replay, "endpoints": _endpoints, "enable": _enable}
    return asyncio.run(actions.get(args.hook_action, _list)(args, load_config(args).config))


async def _list(args: argparse.Namespace, config: Config) -> int:
    from ..tasks.view import delivery_view
    from ..webhooks import outbox

    limit, owner, state = given(args, "limit", 20), key_of(args), given(args, "state")
    async with records(config) as database:
        task = await _task(args, database)
        found = await database.read(lambda c: outbox.deliveries(c, owner, task=task, state=state, limit=limit + 1))
    views = [delivery_view(hook) for hook in found[:limit]]
    if given(args, "json"):
        print_json({"webhooks": views})
    elif views:
        print(hooks_text(views))
        if len(found) > limit:
            say(f"These are the latest {limit}; --limit N shows more.")
    else:
        say("There is no such delivery.")
    return 0


async def _show(args: argparse.Namespace, config: Config) -> int:
    from ..tasks.view import delivery_detail

    async with records(config) as database:
        view = delivery_detail(await _found(args.id, database, key_of(args)))
    if given(args, "json"):
        print_json(view)
    else:
        print(whole_text(view))
    return 0


async def _replay(args: argparse.Namespace, config: Config) -> int:
    from ..store.clock import clock
    from ..tasks.view import delivery_view
    from ..webhooks import outbox

    state = given(args, "state")
    if sum((bool(args.ids), args.all, given(args, "task") is not None)) != 1:
        raise ConfigError("Say which deliveries: some by their ids, --task ID, or --all --state failed.")
    if args.all and state is None:
        raise ConfigError(f"--all needs --state: {', '.join(REPLAYED)}.")
    code, found, owner, now = 0, [], key_of(args), clock()
    async with records(config) as database:
        for beginning in args.ids:
            try:
                found.append(await _found(beginning, database, owner))
            except Failure as failure:
                code = 1
                print(f"maxserve: {failure}", file=sys.stderr)
        if not args.ids:
            found = await _all(database, owner, await _task(args, database), state)
        sent = await database.write(lambda c: [outbox.replay(c, None, hook.id, now(c)) or hook for hook in found])
    if given(args, "json"):
        print_json({"webhooks": [delivery_view(hook) for hook in sent]})
    elif sent:
        print("\n".join(f"The delivery {hook.id} is due now, and sent by whichever server runs." for hook in sent))
    elif not code:
        say("There is no such delivery.")
    return code


async def _endpoints(args: argparse.Namespace, config: Config) -> int:
    from ..tasks import admin_queries as lookup
    from ..tasks.view import endpoint_view

    owner = key_of(args)
    async with records(config) as database:
        found = await database.read(lambda c: lookup.disabled(c, owner))
    views = [endpoint_view(one.owner, one.url, one.disabled_at, one.reason) for one in found]
    if given(args, "json"):
        print_json({"endpoints": views})
    elif views:
        print(endpoints_text(views))
    else:
        say("No address asked for no more requests.")
    return 0


async def _enable(args: argparse.Namespace, config: Config) -> int:
    from ..tasks import admin_queries as lookup

    owner = key_of(args)
    async with records(config) as database:
        if not await database.write(lambda c: lookup.enable(c, owner, args.url)):
            raise Failure("That address is not disabled; `maxserve tasks webhooks endpoints` lists those that are.")
    if given(args, "json"):
        print_json({"url": args.url})
    else:
        print("The address is called again from the next result on; `replay` sends what it missed.")
    return 0


async def _found(beginning: str, database: Database, owner: str | None) -> WebhookDelivery:
    from ..tasks import admin_queries as lookup
    from ..webhooks import outbox

    found = await database.read(lambda c: lookup.matching_deliveries(c, beginning, owner))
    hook_id = only([one for _, one in found], "delivery", beginning)
    hook = await database.read(lambda c: outbox.show(c, owner, hook_id))
    if hook is None:
        raise Failure(f"The delivery {hook_id} was forgotten just now.")
    return hook


async def _task(args: argparse.Namespace, database: Database) -> str | None:
    """Return the id of the task that the flag means, None where it means none."""
    from ..tasks import admin_queries as lookup

    beginning: str | None = given(args, "task")
    if beginning is None:
        return None
    found = await database.read(lambda c: lookup.matching(c, beginning, key_of(args)))
    return only(list(dict.fromkeys(task_id for _, task_id in found)), "task", beginning)


async def _all(
    database: Database, owner: str | None, task: str | None, state: DeliveryState | None
) -> list[WebhookDelivery]:
    from ..webhooks import outbox

    def page(before: str | None) -> Callable[[Connection], list[WebhookDelivery]]:
        return lambda c: outbox.deliveries(c, owner, task=task, state=state, before=before, limit=_PAGE)

    found = await database.read(page(None))
    while len(found) % _PAGE == 0 and found and (more := await database.read(page(found[-1].id))):
        found += more
    return found
