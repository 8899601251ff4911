"""Placeholders through the real app: the engine learns no secret, the client sees no placeholder, the log neither."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx
import pytest

from maxserve.config import Config
from maxserve.config.settings import AuthSettings, MaskingSettings, SensitivitySettings
from maxserve.server.app import create_app
from maxserve.server.run import create_state
from tests.service.replay import Replay, Script, end, read_prompt, said
from tests.support.moderation import moderating

MAIL, PHONE = "ada.lovelace@example.com", "+49 30 901820"
HELLO = f"I am at {MAIL} or {PHONE}. Write to {MAIL}."
HIDDEN = "I am at [EMAIL_1] or [PHONE_1]. Write to [EMAIL_1]."
ANSWER = "To [EMAIL_1], and not to bob@example.com or [EMAIL_2]."
BACK = f"To {MAIL}, and not to *** or [EMAIL_2]."
CALL = (
    '<minimax:tool_call>\n<invoke name="send">\n<parameter name="to">["[EMAIL_1]"]</parameter>\n'
    '<parameter name="text">Call [PHONE_1]!</parameter>\n</invoke>\n</minimax:tool_call>'
)
TOOL = {
    "name": "send",
    "parameters": {
        "type": "object",
        "properties": {"to": {"type": "array", "items": {"type": "string"}}, "text": {"type": "string"}},
    },
}
CHAT: dict[str, Any] = {"model": "minimax/m2.7", "messages": [{"role": "user", "content": HELLO}]}
LOGS = "/client/v4/accounts/acc/ai-gateway/gateways/default/logs"


def says(text: str) -> Script:
    """Say it letter by letter."""
    return [read_prompt(), *said(*"Mail [EMAIL_1].", "\n</think>\n\n", *text), end(completion=len(text))]


@asynccontextmanager
async def asking(
    *scripts: Script, sensitivity: SensitivitySettings | None = None, **masking: Any
) -> AsyncIterator[tuple[httpx.AsyncClient, Replay]]:
    with TemporaryDirectory() as folder:
        config = Config(
            data_dir=Path(folder),
            auth=AuthSettings(signing_key="x"),
            masking=MaskingSettings(**{"enabled": True, "prompt": True, **masking}),
            sensitivity=sensitivity or SensitivitySettings(),
        )
        engine = Replay(*scripts)
        state = create_state(config, engine)
        transport = httpx.ASGITransport(app=cast("Any", create_app(state)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            try:
                yield client, engine
            finally:
                await state.service.close()
                await state.storage.close()


def frames(response: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


async def test_the_engine_learns_no_secret_and_the_client_sees_no_placeholder() -> None:
    async with asking(says(ANSWER), says(ANSWER)) as (client, engine):
        whole = (await client.post("/openai/v1/chat/completions", json=CHAT)).json()["choices"][0]["message"]
        streamed = frames(await client.post("/openai/v1/chat/completions", json=CHAT | {"stream": True}))
    for asked in engine.asked:
        assert HIDDEN in asked.prompt
        assert MAIL not in asked.prompt
        assert PHONE not in asked.prompt
    assert (whole["content"], whole["reasoning_content"]) == (BACK, f"Mail {MAIL}.")
    deltas = [frame["choices"][0]["delta"] for frame in streamed]
    assert "".join(delta.get("content", "") for delta in deltas) == BACK
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == f"Mail {MAIL}."


async def test_calls_come_back_and_go_out_again() -> None:
    chat = CHAT | {"tools": [{"type": "function", "function": TOOL}]}
    async with asking(says(CALL), says(CALL), says("Sent to [EMAIL_1].")) as (client, engine):
        message = (await client.post("/openai/v1/chat/completions", json=chat)).json()["choices"][0]["message"]
        streamed = frames(await client.post("/openai/v1/chat/completions", json=chat | {"stream": True}))
        (call,) = message["tool_calls"]
        result = {"role": "tool", "tool_call_id": call["id"], "content": f'{{"accepted": "{MAIL}"}}'}
        turns = [*CHAT["messages"], message, result]
        last = (await client.post("/openai/v1/chat/completions", json=chat | {"messages": turns})).json()
    arguments = {"to": [MAIL], "text": f"Call {PHONE}!"}
    assert json.loads(call["function"]["arguments"]) == arguments
    pieces = [piece for frame in streamed for piece in frame["choices"][0]["delta"].get("tool_calls", ())]
    assert json.loads("".join(piece["function"]["arguments"] for piece in pieces)) == arguments
    prompt = engine.asked[2].prompt
    assert MAIL not in prompt
    assert PHONE not in prompt
    assert prompt.count("[EMAIL_1]") == 5
    assert last["choices"][0]["message"]["content"] == f"Sent to {MAIL}."


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/messages", {"model": "MiniMax-M2.7", "max_tokens": 99, "messages": CHAT["messages"]}),
        ("/v1/responses", {"model": "MiniMax-M2.7", "input": HELLO}),
        ("/minimax/v1/chat/completions", {"model": "MiniMax-M2.7", "messages": CHAT["messages"]}),
        ("/v1/completions", {"model": "MiniMax-M2.7", "prompt": [HELLO, "harmless"], "max_tokens": 99}),
    ],
)
async def test_every_api_has_it(path: str, body: dict[str, Any]) -> None:
    scripts = [says(ANSWER)] * (4 if path == "/v1/completions" else 2)
    async with asking(*scripts) as (client, engine):
        whole = await client.post(path, json=body)
        streamed = await client.post(path, json=body | {"stream": True})
    assert HIDDEN in engine.asked[0].prompt
    assert all(MAIL not in asked.prompt for asked in engine.asked)
    assert BACK in whole.text
    assert "[EMAIL_1]" not in whole.text + streamed.text
    assert MAIL in streamed.text


async def test_counting_tokens_tells_nothing() -> None:
    async with asking() as (client, engine):
        counted: list[str] = []

        async def count(text: str) -> int:
            counted.append(text)
            return 5

        engine.count = count  # type: ignore[method-assign]
        body = {"model": "MiniMax-M2.7", "messages": CHAT["messages"]}
        assert (await client.post("/v1/messages/count_tokens", json=body)).json() == {"input_tokens": 5}
    assert HIDDEN in counted[0]
    assert MAIL not in counted[0]


async def test_a_request_may_say_no() -> None:
    async with asking(says("ok")) as (client, engine):
        await client.post("/openai/v1/chat/completions", json=CHAT | {"mask_sensitive_info": False})
    assert HELLO in engine.asked[0].prompt


async def test_off_by_default() -> None:
    async with asking(says("ok"), prompt=False) as (client, engine):
        await client.post("/openai/v1/chat/completions", json=CHAT)
    assert HELLO in engine.asked[0].prompt


async def test_a_stop_sequence_that_is_a_secret_stops() -> None:
    body = {"model": "MiniMax-M2.7", "max_tokens": 99, "messages": CHAT["messages"], "stop_sequences": [MAIL]}
    async with asking(says("Well: [EMAIL_1] and more")) as (client, _):
        answer = (await client.post("/v1/messages", json=body)).json()
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", MAIL)
    assert answer["content"][-1]["text"].rstrip() == "Well:"


async def test_the_moderation_endpoint_sees_what_the_engine_sees() -> None:
    with moderating({}) as endpoint:
        settings = SensitivitySettings(
            prompt={"abuse": "block"}, answer={"abuse": "block"}, patterns=("abuse=ada.lovelace@",), url=endpoint.url
        )
        async with asking(says("To [EMAIL_1]."), sensitivity=settings) as (client, _):
            refused = await client.post("/openai/v1/chat/completions", json=CHAT)
            assert (refused.status_code, endpoint.asked) == (400, []), "patterns see what the client says"
        harmless = SensitivitySettings(prompt={"abuse": "block"}, answer={"abuse": "block"}, url=endpoint.url)
        async with asking(says("To [EMAIL_1]."), sensitivity=harmless) as (client, _):
            answer = (await client.post("/openai/v1/chat/completions", json=CHAT)).json()
    assert answer["choices"][0]["message"]["content"] == f"To {MAIL}."
    assert endpoint.inputs == [HIDDEN, "Mail [EMAIL_1].\nTo [EMAIL_1]."]


@pytest.mark.parametrize("stream", [False, True])
async def test_the_gateways_log_tells_no_secret(stream: bool) -> None:
    path = "/client/v4/accounts/acc/ai/v1/chat/completions"
    tools = {"tools": [{"type": "function", "function": TOOL}], "stream": stream}
    async with asking(says("To [EMAIL_1]." + CALL)) as (client, _):
        shown = (await client.post(path, json=CHAT | tools)).text
        (line,) = (await client.get(LOGS)).json()["result"]
        kept = (await client.get(f"{LOGS}/{line['id']}")).json()["result"]
    assert MAIL in shown
    assert PHONE in shown
    for head in (kept["request_head"], kept["response_head"]):
        assert MAIL not in head
        assert PHONE not in head
    json.loads(kept["request_head"])
    if stream:
        parts = kept["response_head"].split("\n\n")
        assert all(json.loads(part.removeprefix("data: ")) for part in parts if part and "[DONE]" not in part)
        assert len(parts) == len(shown.split("\n\n"))
    else:
        message = json.loads(kept["response_head"])["choices"][0]["message"]
        assert message["content"] == "To [EMAIL_1]."
        assert json.loads(message["tool_calls"][0]["function"]["arguments"])["to"] == ["[EMAIL_1]"]


async def test_a_cached_answer_is_whole_for_the_client_and_hidden_in_the_log() -> None:
    path = "/client/v4/accounts/acc/ai/v1/chat/completions"
    async with asking(says("To [EMAIL_1].")) as (client, engine):
        for _ in range(2):
            answer = await client.post(path, json=CHAT, headers={"cf-aig-cache-ttl": "60"})
            assert MAIL in answer.text
        lines = (await client.get(f"{LOGS}?per_page=50")).json()["result"]
        kept = [(await client.get(f"{LOGS}/{line['id']}")).json()["result"]["response_head"] for line in lines]
    assert (len(engine.asked), len(kept)) == (1, 2)
    assert all(MAIL not in head for head in kept)
