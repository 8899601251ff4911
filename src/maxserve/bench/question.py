"""One plain question to an address, off the clock: which models it has."""

from __future__ import annotations

import asyncio

import msgspec

from .answer import Answer
from .connection import Connection, connect
from .target import Target


class _Listed(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Listed]


class _Question:
    """Owner of one connection that asks once."""

    def __init__(self) -> None:
        self.done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def answered(self, connection: Connection, answer: Answer, end: float) -> None:
        self.done.set_result(answer)

    def lost(self, connection: Connection, answer: Answer | None, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(OSError(reason))


async def first_model(target: Target, timeout_s: float = 10.0) -> str:
    """Return the name of the first model that the address lists.

    Raises `OSError` where it cannot be reached and `LookupError` where it lists none.
    """
    question = _Question()
    connection = await connect(lambda: Connection(question), target.host, target.port, target.tls)
    try:
        connection.ask(target.get(target.models), False)
        async with asyncio.timeout(timeout_s):
            answer = await question.done
    except TimeoutError:
        raise OSError(f"{target.url}: {target.models} does not answer in {timeout_s:g} s") from None
    finally:
        connection.close()
    if answer.status == 200:
        try:
            return msgspec.json.decode(answer.body, type=_Models).data[0].id
        except (msgspec.MsgspecError, IndexError):
            pass
    raise LookupError(f"{target.url}: {target.models} lists no model; name one with --model")
