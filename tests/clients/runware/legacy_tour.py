"""Runware's first Python SDK (`runware`) doing one thing; prints what it saw as JSON.

Usage: python legacy_tour.py SCENE '{"ws": URL, "http": URL, "key": KEY, …}', in the environment that has it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

import runware.base
from runware import (
    IModelSearch,
    ISettings,
    ITextInference,
    ITextInferenceMessage,
    ITextInferenceMessageTool,
    ITextInferenceTool,
    ITextInferenceToolChoice,
    Runware,
)

MODEL = "minimax:m2.7@0"
CAPITAL = ITextInferenceMessage(role="user", content="What is the capital of France?")
WEATHER = ITextInferenceTool(
    name="get_weather",
    description="Get the weather",
    schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
Asked = dict[str, Any]


def text(**fields: Any) -> ITextInference:
    fields = {
        "model": MODEL,
        "messages": [ITextInferenceMessage(role="user", content="What is the capital of France?")],
    } | fields
    return ITextInference(**fields)


async def sync(client: Runware, asked: Asked) -> Any:
    settings = ISettings(systemPrompt="Answer briefly.", temperature=0.5, topP=0.9, maxTokens=200)
    fields = {"includeCost": True, "includeUsage": True, "seed": 7, "settings": settings} | asked.get("fields", {})
    return await client.textInference(text(**fields))


async def two(client: Runware, asked: Asked) -> Any:
    return await client.textInference(text(numberResults=2, includeCost=True, seed=7))


async def many(client: Runware, asked: Asked) -> Any:
    """Several at once on one connection: each gets its own answer."""
    prompts = [f"Say the number {number}." for number in range(asked["count"])]
    return await asyncio.gather(
        *(client.textInference(text(messages=[{"role": "user", "content": prompt}])) for prompt in prompts)
    )


async def polled(client: Runware, asked: Asked) -> Any:
    accepted = await client.textInference(text(deliveryMethod="async", numberResults=asked.get("results", 1)))
    if isinstance(accepted, list):  # the results were there at once
        return {"accepted": None, "results": accepted}
    results = await client.getResponse(accepted.taskUUID, numberResults=asked.get("results", 1))
    return {"accepted": accepted, "results": results}


async def pushed(client: Runware, asked: Asked) -> Any:
    """Polls once; knocks at an address when it is known to wait for the answer."""
    accepted = await client.textInference(text(deliveryMethod="async"))
    polling = asyncio.create_task(client.getResponse(accepted.taskUUID))
    await asyncio.sleep(0.3)
    await asyncio.to_thread(urllib.request.urlopen, asked["knock"], b"{}")
    try:
        return await polling
    except Exception as error:
        return [told(error)]


async def idle(client: Runware, asked: Asked) -> Any:
    """Says nothing until the server hangs up, and goes on."""
    client._heartbeat_task.cancel()  # it would ping
    await client._message_handler_task  # ends with the connection
    return await sync(client, asked)


async def ping(client: Runware, asked: Asked) -> Any:
    begun = client._last_pong_time
    async with asyncio.timeout(4):  # the first ping is sent at once, the next after five seconds
        while client._last_pong_time == begun:  # noqa: ASYNC110 - the SDK tells nobody
            await asyncio.sleep(0.01)
    return True


async def stream(client: Runware, asked: Asked) -> Any:
    if asked["http"] is not None:  # the SDK knows two addresses; any other streams to the vendor's
        runware.base.get_http_url_from_ws_url = lambda url: asked["http"]
    pieces: list[Any] = []
    try:
        fields = asked.get("fields", {})
        opened = await client.textInference(
            text(deliveryMethod="stream", includeCost=True, includeUsage=True, **fields)
        )
        async for piece in opened:
            pieces.append(piece)  # noqa: PERF401 - what comes before an error counts
    except Exception as error:
        return {"pieces": pieces, "error": told(error)}
    return {"pieces": pieces}


async def webhook(client: Runware, asked: Asked) -> Any:
    return await client.textInference(text(deliveryMethod=asked["delivery"], webhookURL=asked["webhook"]))


async def refused(client: Runware, asked: Asked) -> Any:
    """Some tasks with wrong fields, one after the other."""
    seen: list[Any] = []
    for fields in asked["fields"]:
        try:
            seen.append(await client.textInference(text(**fields)))
        except Exception as error:
            seen.append(told(error))
    return seen


async def awaited(client: Runware, asked: Asked) -> Any:
    accepted = await client.textInference(text(deliveryMethod="async"))
    try:
        return {"result": await client.getResponse(accepted.taskUUID)}
    except Exception as error:
        return {"error": told(error)}


async def tools(client: Runware, asked: Asked) -> Any:
    question = ITextInferenceMessage(role="user", content="What is the weather in Oslo?")
    calling = await client.textInference(
        text(messages=[question], tools=[WEATHER], toolChoice=ITextInferenceToolChoice(toolType=asked["choice"]))
    )
    calls = [ITextInferenceMessageTool(toolId="call-1", name="get_weather", toolInput={"city": "Oslo"})]
    history = [
        question,
        ITextInferenceMessage(role="assistant", tools=calls),
        ITextInferenceMessage(role="tool", toolId="call-1", content="12 degrees, rain"),
    ]
    return {"calling": calling, "answer": await client.textInference(text(messages=history, tools=[WEATHER]))}


async def look(client: Runware, asked: Asked) -> Any:
    first = await client.textInference(text(seed=1))
    return {
        "models": await client.modelSearch(IModelSearch(search="minimax", limit=10)),
        "details": await client.getTaskDetails(first[0].taskUUID),
        "first": first,
    }


SCENES: tuple[Callable[[Runware, Asked], Awaitable[Any]], ...] = (
    sync, two, many, polled, pushed, idle, ping, stream, webhook, refused, awaited, tools, look,
)  # fmt: skip


def told(error: Exception) -> dict[str, Any]:
    return {"type": type(error).__name__, "message": str(error), "data": getattr(error, "error_data", None)}


def plain(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else str(value)


async def main(scene: str, asked: Asked) -> None:
    client = Runware(api_key=asked["key"], url=asked["ws"])
    try:
        await client.connect()
        seen = await {each.__name__: each for each in SCENES}[scene](client, asked)
    finally:
        await client.disconnect()
    print(json.dumps(seen, default=plain))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
