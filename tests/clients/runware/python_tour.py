"""Runware's second Python SDK (`runware-sdk`) doing one thing; prints what it saw as JSON.

Usage: python python_tour.py SCENE '{"ws": URL, "http": URL, "key": KEY, "transport": "websocket" | "rest", …}', in the
environment that has it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from runware import RunOptions, Runware, RunwareError

MODEL = "minimax:m2.7@0"
CAPITAL = {"role": "user", "content": "What is the capital of France?"}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
Asked = dict[str, Any]


def text(**fields: Any) -> dict[str, Any]:
    asked = {
        "taskType": "textInference",
        "model": MODEL,
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
    }
    return asked | fields


async def sync(client: Runware, asked: Asked) -> Any:
    settings = {"systemPrompt": "Answer briefly.", "temperature": 0.5, "topP": 0.9, "maxTokens": 200}
    fields = {"includeCost": True, "includeUsage": True, "seed": 7, "settings": settings} | asked.get("fields", {})
    return await client.run(text(deliveryMethod="sync", **fields))


async def two(client: Runware, asked: Asked) -> Any:
    return await client.run(text(deliveryMethod="sync", numberResults=2, includeCost=True, seed=7))


async def many(client: Runware, asked: Asked) -> Any:
    """Several at once on one connection: each gets its own answer."""
    prompts = [f"Say the number {number}." for number in range(asked["count"])]
    return await asyncio.gather(
        *(client.run(text(deliveryMethod="sync", messages=[{"role": "user", "content": each}])) for each in prompts)
    )


async def polled(client: Runware, asked: Asked) -> Any:
    """What `run` does unless told otherwise."""
    told: list[Any] = []
    results = await client.run(
        text(numberResults=asked.get("results", 1)), RunOptions(on_result=told.append, timeout=20_000)
    )
    again = await client.get_response({"taskType": "getResponse", "taskUUID": results[0]["taskUUID"]})
    return {"results": results, "told": len(told), "again": again}


async def both(client: Runware, asked: Asked) -> Any:
    """A sync and an async task on one connection."""
    each = await asyncio.gather(
        client.run(text(deliveryMethod="sync")), client.run(text(), RunOptions(timeout=20_000)), return_exceptions=True
    )
    return [told(one) if isinstance(one, RunwareError) else one for one in each]


async def idle(client: Runware, asked: Asked) -> Any:
    """Says nothing until the server hangs up, and goes on."""
    while client.is_connected:  # noqa: ASYNC110 - the SDK tells nobody
        await asyncio.sleep(0.01)
    return await sync(client, asked)


async def stream(client: Runware, asked: Asked) -> Any:
    opened = await client.stream(text(includeCost=True, includeUsage=True, **asked.get("fields", {})))
    pieces: list[str] = []
    thoughts: list[str] = []
    try:
        async for piece in opened.text_stream:
            pieces.append(piece)  # noqa: PERF401 - what comes before an error counts
        thoughts = [thought async for thought in opened.reasoning_stream]
        result = asdict(await opened.result())
    except RunwareError as error:
        return {"pieces": pieces, "thoughts": thoughts, "error": told(error)}
    return {"pieces": pieces, "thoughts": thoughts, "result": result}


async def webhook(client: Runware, asked: Asked) -> Any:
    return await client.run(text(deliveryMethod=asked["delivery"], webhookURL=asked["webhook"]))


async def refused(client: Runware, asked: Asked) -> Any:
    """Some tasks with wrong fields, one after the other."""
    seen: list[Any] = []
    for fields in asked["fields"]:
        try:
            seen.append(await client.run(text(**fields), RunOptions(timeout=20_000)))
        except RunwareError as error:
            seen.append(told(error))
    return seen


async def tools(client: Runware, asked: Asked) -> Any:
    question = {"role": "user", "content": "What is the weather in Oslo?"}
    choice = {"tools": [WEATHER], "toolChoice": {"type": asked["choice"]}, "deliveryMethod": "sync"}
    (calling,) = await client.run(text(messages=[question], **choice))
    history = [
        question,
        {"role": "assistant", "content": calling["text"], "tools": calling["tools"]},
        {"role": "tool", "id": calling["tools"][0]["id"], "content": "12 degrees, rain"},
    ]
    answer = await client.run(text(messages=history, tools=[WEATHER], deliveryMethod="sync"))
    return {"calling": calling, "answer": answer}


async def look(client: Runware, asked: Asked) -> Any:
    first = await client.run(text(deliveryMethod="sync", seed=1))
    uuid = first[0]["taskUUID"]
    return {
        "models": await client.model_search({"search": "minimax", "limit": 10, "sort": "name"}),
        "details": await client.get_task_details({"taskUUID": uuid}),
        "account": await client.account_management({"operation": "getDetails"}),
        "first": first,
    }


async def lost(client: Runware, asked: Asked) -> Any:
    """A poll for a task that never was."""
    return await client.get_response({"taskUUID": "00000000-0000-4000-8000-000000000000"})


SCENES: tuple[Callable[[Runware, Asked], Awaitable[Any]], ...] = (
    sync, two, many, polled, both, idle, stream, webhook, refused, tools, look, lost,
)  # fmt: skip


def told(error: RunwareError) -> dict[str, Any]:
    return {
        "code": error.code, "message": error.message, "parameter": error.parameter, "task": error.task_uuid,
        "status": error.status_code, "retryable": error.retryable, "documentation": error.documentation,
    }  # fmt: skip


async def main(scene: str, asked: Asked) -> None:
    client = Runware(
        api_key=asked["key"], ws_base_url=asked["ws"], http_base_url=asked["http"],
        transport=asked.get("transport", "websocket"), retry_delay=10, timeout=30_000, max_retries=1,
    )  # fmt: skip
    try:
        await client.connect()
        seen = await {each.__name__: each for each in SCENES}[scene](client, asked)
    except RunwareError as error:
        seen = {"error": told(error)}
    finally:
        await client.close()
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
