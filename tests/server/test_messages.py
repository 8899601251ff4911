"""The Messages API as a whole: real app, real service, and an engine that says what the case needs."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import EngineCrashed, EngineUnavailable, Overloaded
from maxserve.config import Config
from maxserve.config.settings import AuthSettings, ServerSettings
from maxserve.server import create_app, create_state
from maxserve.service import Service
from tests.apis.messages import completion
from tests.service.replay import Replay, Script, end, read_prompt, said

PATHS = ["/v1/messages", "/anthropic/v1/messages", "/minimax/anthropic/v1/messages"]
TRANSCRIPTS = Path(__file__).parent / "transcripts"
HELLO = {"model": "MiniMax-M2.7", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}
TOOL = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALL = '\n<invoke name="get_weather">\n<parameter name="city">{}</parameter>\n</invoke>'


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def transcript(self) -> str:
        """The body without what chance decides."""
        text = re.sub(r"(msg|req)_[0-9a-f]{24}", r"\1_0", self.body.decode())
        return re.sub(r"call_function_\w{12}_", "call_function_x_", text)


class Served:
    """The app over an engine that replays `scripts`, called without a socket."""

    def __init__(self, folder: Path, *scripts: Script, config: dict[str, Any] | None = None) -> None:
        self.engine = Replay(*scripts)
        state = create_state(Config(data_dir=folder, engines={}, **(config or {})))
        self.app = create_app(dataclasses.replace(state, service=Service(Catalogue.load(), self.engine)))

    async def post(self, body: Any, path: str = PATHS[0], headers: dict[str, str] | None = None) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        incoming = [{"type": "http.request", "body": data}]
        sent: list[Any] = []

        async def receive() -> Any:
            if incoming:
                return incoming.pop()
            raise AssertionError("nothing more is to be read")

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
            "maxserve.gone": None,
        }
        await self.app(scope, receive, send)
        start, *bodies = sent
        return Answer(
            start["status"],
            {name.decode(): value.decode() for name, value in start["headers"]},
            b"".join(message.get("body", b"") for message in bodies),
        )


def same(answer: Answer, name: str) -> None:
    """Hold a stream to the text that is kept of it."""
    assert answer.transcript == (TRANSCRIPTS / name).read_text(encoding="utf-8")


def two_calls() -> Script:
    return [
        read_prompt(),
        *said("Both", ", then.", "\n</think>", "\n\nLet me", " look."),
        *said("\n<minimax:tool_call>", CALL.format("Oslo"), CALL.format("Paris"), "\n</minimax:tool_call>"),
        end(completion=40),
    ]


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer(tmp_path: Path, path: str) -> None:
    served = Served(tmp_path, [read_prompt(), *said("Hm", "</think>", "\n\n", "Yes."), end(completion=6)])
    answer = await served.post(HELLO, path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-maxserve-checkpoint"] == "replayed"
    assert answer.headers["request-id"] == answer.headers["x-request-id"]
    body = answer.json
    assert body["id"] == answer.headers["request-id"].replace("req_", "msg_")
    assert [block["type"] for block in body["content"]] == ["thinking", "text"]
    assert (body["content"][1]["text"], body["stop_reason"]) == ("Yes.", "end_turn")
    assert body["usage"]["input_tokens"] + body["usage"]["cache_read_input_tokens"] == 10


@pytest.mark.parametrize("path", PATHS)
async def test_tokens_are_counted(tmp_path: Path, path: str) -> None:
    served = Served(tmp_path)
    answer = await served.post({**HELLO, "tools": [TOOL]}, f"{path}/count_tokens")
    assert (answer.status, answer.json) == (200, {"input_tokens": 77})
    assert "request-id" in answer.headers
    assert not served.engine.asked
    answer = await served.post({"model": "MiniMax-M2.7"}, f"{path}/count_tokens")
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")


async def test_a_thought_and_two_calls(tmp_path: Path) -> None:
    config = {"auth": AuthSettings(signing_key="the same on every machine")}
    body = {**HELLO, "tools": [TOOL]}
    answer = await Served(tmp_path, two_calls(), config=config).post({**body, "stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    same(answer, "messages_tools.txt")
    whole = (await Served(tmp_path, two_calls(), config=config).post(body)).json
    told = completion(answer.body)
    assert [block["type"] for block in whole["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    for mine, theirs in zip(whole["content"], told["content"], strict=True):
        assert {k: v for k, v in mine.items() if k != "id"} == {k: v for k, v in theirs.items() if k != "id"}
    assert (whole["stop_reason"], whole["usage"]) == (told["stop_reason"], told["usage"])


async def test_a_stop_sequence(tmp_path: Path) -> None:
    script = [read_prompt(), *said("END?", "</think>", "\n\none ", "EN", "D two"), end()]
    answer = await Served(tmp_path, script).post({**HELLO, "stream": True, "stop_sequences": ["x", "END"]})
    body = completion(answer.body)
    assert body["content"][1] == {"type": "text", "text": "one "}
    assert (body["stop_reason"], body["stop_sequence"]) == ("stop_sequence", "END")


async def test_an_answer_that_is_cut_by_length(tmp_path: Path) -> None:
    script = [read_prompt(), *said("It goes", " on"), end("length", completion=2)]
    body = completion((await Served(tmp_path, script).post({**HELLO, "stream": True})).body)
    assert [block["thinking"] for block in body["content"]] == ["It goes on"]
    assert (body["stop_reason"], body["usage"]["output_tokens"]) == ("max_tokens", 2)


async def test_a_call_that_is_cut_by_length_is_still_json(tmp_path: Path) -> None:
    cut = [*said("t</think>", "\n<minimax:tool_call>", CALL.format("Os")[:60]), end("length", completion=9)]
    for stream in (True, False):
        answer = await Served(tmp_path, cut).post({**HELLO, "tools": [TOOL], "stream": stream})
        body = completion(answer.body) if stream else answer.json
        assert body["stop_reason"] == "max_tokens"
        assert body["content"][-1]["type"] == "tool_use"
        assert set(body["content"][-1]["input"]) <= {"city"}


async def test_an_error_in_mid_stream_ends_it(tmp_path: Path) -> None:
    script = [read_prompt(), *said("Hm", "</think>", "\n\nSo"), EngineCrashed("The engine ended.")]
    answer = await Served(tmp_path, script).post({**HELLO, "stream": True})
    assert answer.status == 200
    text = re.sub(r'"signature":"[0-9a-f]{64}"', '"signature":"…"', answer.transcript)
    assert text == (TRANSCRIPTS / "messages_error.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (EngineCrashed("x"), 500, "api_error"),
        (EngineUnavailable("x"), 529, "overloaded_error"),
        (Overloaded("x", retry_after=2.0), 529, "overloaded_error"),
    ],
)
async def test_an_error_before_the_first_frame_keeps_its_status(
    tmp_path: Path, error: Any, status: int, kind: str, stream: bool
) -> None:
    answer = await Served(tmp_path, [error]).post({**HELLO, "stream": stream})
    assert (answer.status, answer.json["error"]) == (status, {"type": kind, "message": "x"})
    assert answer.json["request_id"] == answer.headers["request-id"]
    assert answer.headers.get("retry-after") == ("2" if error.retry_after else None)


async def test_either_header_opens_and_authorization_wins(tmp_path: Path) -> None:
    config = {"auth": AuthSettings(keys=("sk-right-key-123",))}
    served = Served(tmp_path, config=config)
    right, wrong = "sk-right-key-123", "sk-wrong-key-123"
    for headers, status in (
        ({}, 401),
        ({"x-api-key": wrong}, 401),
        ({"x-api-key": right}, 200),
        ({"authorization": f"Bearer {right}"}, 200),
        ({"x-api-key": wrong, "authorization": f"Bearer {right}"}, 200),
        ({"authorization": f"Bearer {wrong}", "x-api-key": right}, 401),
    ):
        answer = await served.post(HELLO, "/v1/messages/count_tokens", headers)
        assert answer.status == status
        if status == 401:
            assert answer.json["error"]["type"] == "authentication_error"


@pytest.mark.parametrize(
    ("body", "status", "kind", "said"),
    [
        ({**HELLO, "model": "claude-9"}, 404, "not_found_error", "claude-9"),
        ({**HELLO, "max_tokens": 900_000}, 400, "invalid_request_error", "204,800"),
        (b'{"model": ', 400, "invalid_request_error", "not valid JSON"),
        (b" " * 3000, 413, "request_too_large", "2,000 bytes"),
        (
            {**HELLO, "messages": [{"role": "user", "content": [{"type": "document"}]}]},
            400,
            "invalid_request_error",
            "messages[0].content[0].type",
        ),
        (
            {
                **HELLO,
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image", "source": {"type": "url", "url": "http://a/b.png"}}],
                    }
                ],
            },
            400,
            "invalid_request_error",
            "cannot see images",
        ),
        (
            {**HELLO, "output_config": {"format": {"type": "json_schema", "schema": {"not": {}}}}},
            400,
            "invalid_request_error",
            "output_config.format.schema.not",
        ),
        (
            {
                **HELLO,
                "tools": [{**TOOL, "input_schema": {"type": "object", "properties": {"a": 5}}}],
                "tool_choice": {"type": "any"},
            },
            400,
            "invalid_request_error",
            "tools[0].input_schema.properties.a",
        ),
    ],
)
async def test_wrong_requests(tmp_path: Path, body: Any, status: int, kind: str, said: str) -> None:
    served = Served(tmp_path, config={"server": ServerSettings(max_body_bytes=2000)})
    answer = await served.post(body)
    assert (answer.status, answer.json["error"]["type"]) == (status, kind)
    assert said in answer.json["error"]["message"]


async def test_thoughts_reach_the_prompt_when_their_signature_holds(tmp_path: Path) -> None:
    served = Served(tmp_path, two_calls(), [*said("t</think>", "\n\nDone."), end()], [*said("t</think>\n\nx"), end()])
    asked = {**HELLO, "tools": [TOOL]}
    first = (await served.post(asked)).json["content"]
    results = [
        {"type": "tool_result", "tool_use_id": block["id"], "content": "4"}
        for block in reversed(first)
        if block["type"] == "tool_use"
    ]
    loop = [
        *HELLO["messages"],  # type: ignore[misc]
        {"role": "assistant", "content": first},
        {"role": "user", "content": results},
    ]
    assert (await served.post({**asked, "messages": loop})).json["content"][-1]["text"] == "Done."
    assert "Both, then.\n</think>\n\nLet me look." in served.engine.asked[1].prompt
    first[0]["thinking"] = "Something else."
    assert (await served.post({**asked, "messages": loop})).status == 200
    assert "Both, then." not in served.engine.asked[2].prompt
    assert "Something else." not in served.engine.asked[2].prompt


async def test_signatures_outlive_the_server(tmp_path: Path) -> None:
    script = [*said("Hm", "</think>", "\n\nYes."), end()]
    answers = [(await Served(tmp_path, script).post(HELLO)).json for _ in range(2)]
    assert answers[0]["content"][0]["signature"] == answers[1]["content"][0]["signature"]
    elsewhere = (await Served(tmp_path / "other", script).post(HELLO)).json
    assert elsewhere["content"][0]["signature"] != answers[0]["content"][0]["signature"]
