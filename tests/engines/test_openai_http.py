"""Engines elsewhere: vLLM's, SGLang's and hosted services' ways, each on loopback by script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from maxserve.chat import (
    ContextOverflow,
    EngineCrashed,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Grammar,
    InvalidRequest,
    Overloaded,
    Schema,
    Unsupported,
)
from maxserve.engines import OpenAIHttpSettings
from maxserve.engines.openai_http import OpenAIHttpEngine
from maxserve.http.trace import TRACEPARENT

from .upstream_stand_in import Upstream, choice, chunk, sglang, stand_in, usage, vllm
from .work import completion, run

SCHEMA = {"type": "object"}
TOO_LONG = "The input (9001 tokens) is longer than the model's context length (4096 tokens)."


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with stand_in() as running:
        yield running


async def started(upstream: Upstream, **settings: Any) -> OpenAIHttpEngine:
    engine = OpenAIHttpEngine("far", OpenAIHttpSettings(url=upstream.url, model="m", **settings))
    await engine.start()
    return engine


async def test_vllm(upstream: Upstream) -> None:
    vllm(upstream)
    upstream.routes["/v1/completions"] = [
        chunk(choice(0, "Hel"), usage=usage(9, 1)),
        chunk(choice(0, "lo 🦒"), usage=usage(9, 4)),
        chunk(choice(0, "", finish_reason="stop", stop_reason="</think>"), usage=usage(9, 5)),
        chunk(usage=usage(9, 5, 8)),
        "[DONE]",
    ]
    engine = await started(upstream)
    assert (engine.kind, engine.info.context, engine.info.architecture) == ("vllm", 4096, "vllm")
    outcome = await run(engine, completion(stop=("</think>",), max_tokens=50, top_k=40))
    assert outcome.text == "Hello 🦒"
    assert [piece.tokens for piece in outcome.pieces] == [1, 3, 1]
    end = outcome.end
    assert (end.reason, end.stop, end.prompt, end.completion, end.cached) == ("stop", "</think>", 9, 5, 8)
    body = upstream.last
    assert body["stop"] == ["</think>"]
    assert (body["top_k"], body["min_p"], body["repetition_penalty"], body["max_tokens"]) == (40, 0.0, 1.0, 50)
    flags = ("skip_special_tokens", "spaces_between_special_tokens", "add_special_tokens")
    assert [body[name] for name in flags] == [False, False, False]
    assert body["stream_options"] == {"include_usage": True, "continuous_usage_stats": True}
    await engine.close()


async def test_trace_context_of_the_request_reaches_the_upstream(upstream: Upstream) -> None:
    vllm(upstream)
    upstream.routes["/v1/completions"] = [chunk(choice(0, "a", finish_reason="stop"), usage=usage(3, 1)), "[DONE]"]
    engine = await started(upstream)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    token = TRACEPARENT.set(trace)
    try:
        await run(engine, completion())
    finally:
        TRACEPARENT.reset(token)
    assert f"traceparent: {trace}\r\n" in upstream.heads[-1]
    assert not any("traceparent" in head for head in upstream.heads[:-1])
    await engine.close()


async def test_vllm_results_side_by_side(upstream: Upstream) -> None:
    vllm(upstream)
    upstream.routes["/v1/completions"] = [
        chunk(choice(1, "b"), usage=usage(3, 1)),
        chunk(choice(0, "a"), usage=usage(3, 1)),
        chunk(choice(1, "B", finish_reason="length"), usage=usage(3, 3)),
        chunk(choice(0, "", finish_reason="stop", stop_reason=None), usage=usage(3, 2)),
        chunk(usage=usage(3, 5)),
        "[DONE]",
    ]
    engine = await started(upstream)
    outcome = await run(engine, completion(n=2, seed=None, repetition_penalty=1.3))
    assert upstream.last["repetition_penalty"] == 1.3
    assert outcome.texts == {0: "a", 1: "bB"}
    assert [(end.reason, end.completion) for _, end in sorted(outcome.ends.items())] == [("end", 2), ("length", 3)]
    assert isinstance(upstream.last["seed"], int)
    await engine.close()


@pytest.mark.parametrize(
    ("version", "schema", "grammar"),
    [
        (
            "0.32.0",
            {"structured_outputs": {"json": SCHEMA, "disable_any_whitespace": True}},
            {"structured_outputs": {"grammar": "root ::= x"}},
        ),
        ("0.10.2", {"guided_json": SCHEMA, "guided_whitespace_pattern": " ?"}, {"guided_grammar": "root ::= x"}),
        (
            "dev",
            {"structured_outputs": {"json": SCHEMA, "disable_any_whitespace": True}},
            {"structured_outputs": {"grammar": "root ::= x"}},
        ),
    ],
)
async def test_vllm_constraints(
    upstream: Upstream, version: str, schema: dict[str, Any], grammar: dict[str, Any]
) -> None:
    vllm(upstream, version)
    upstream.routes["/v1/completions"] = [
        chunk(choice(0, "{}", finish_reason="stop")),
        chunk(usage=usage(3, 1)),
        "[DONE]",
    ]
    engine = await started(upstream)
    await run(engine, completion(constraint=Schema(SCHEMA)))
    assert upstream.last.items() >= schema.items()
    await run(engine, completion(constraint=Grammar("root ::= x")))
    assert upstream.last.items() >= grammar.items()
    await engine.close()


async def test_vllm_s_refusal_of_too_long_an_output_becomes_a_shorter_one(upstream: Upstream) -> None:
    vllm(upstream)

    def answer(body: dict[str, Any]) -> Any:
        if body["max_tokens"] > 4093:
            return 400, {
                "error": {
                    "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 output "
                    "tokens and your prompt contains at least 3 input tokens, for a total of at least 5003 tokens.",
                    "type": "BadRequestError",
                    "code": 400,
                }
            }
        return [
            chunk(choice(0, "x", finish_reason="length"), usage=usage(3, 4093)),
            chunk(usage=usage(3, 4093)),
            "[DONE]",
        ]

    upstream.routes["/v1/completions"] = answer
    engine = await started(upstream)
    assert (await run(engine, completion("a b c", max_tokens=5000))).end.reason == "length"
    assert upstream.last["max_tokens"] == 4093
    await engine.close()


async def test_unlimited_output(upstream: Upstream) -> None:
    vllm(upstream)
    events = [chunk(choice(0, "x", finish_reason="stop")), chunk(usage=usage(3, 1)), "[DONE]"]
    upstream.routes["/v1/completions"] = events
    engine = await started(upstream)
    await run(engine, completion("a b c", max_tokens=None))
    assert upstream.last["max_tokens"] is None
    await engine.close()
    sglang(upstream)
    engine = await started(upstream)
    await run(engine, completion("a b c", max_tokens=None))
    assert upstream.last["max_tokens"] == 4093
    await engine.close()


async def test_sglang(upstream: Upstream) -> None:
    sglang(upstream)
    upstream.routes["/v1/completions"] = [
        chunk(choice(0, "one", matched_stop=None), usage=usage(2, 1)),
        chunk(choice(0, " two", finish_reason="stop", matched_stop="three"), usage=usage(2, 2)),
        chunk(usage=usage(2, 3, 2)),
        "[DONE]",
    ]
    engine = await started(upstream)
    assert engine.kind == "sglang"
    outcome = await run(engine, completion(stop=("three",), constraint=Schema(SCHEMA)))
    assert (outcome.text, outcome.end.reason, outcome.end.stop, outcome.end.cached) == ("one two", "stop", "three", 2)
    assert upstream.last["json_schema"] == '{"type": "object"}'
    upstream.routes["/v1/completions"] = [
        chunk(choice(0, "x", finish_reason="stop", matched_stop=200020)), chunk(usage=usage(2, 2)), "[DONE]",
    ]  # fmt: skip
    outcome = await run(engine, completion(constraint=Grammar("root ::= x")))
    assert (outcome.end.reason, upstream.last["ebnf"]) == ("end", "root ::= x")
    await engine.close()


def hosted(upstream: Upstream) -> None:
    upstream.routes["/v1/models"] = (200, {"data": [{"id": "m", "owned_by": "somebody"}]})


async def test_hosted_services(upstream: Upstream) -> None:
    hosted(upstream)
    upstream.routes["/v1/completions"] = [
        chunk(choice(0, "thinking</thi")),
        chunk(choice(0, "nk>answer")),
        chunk(choice(0, " goes on")),
    ]
    engine = await started(upstream, key="secret", context=1000)
    assert (engine.kind, engine.info.context) == ("other", 1000)
    outcome = await run(engine, completion("four bytes a token", stop=("</think>",), top_k=40))
    assert (outcome.text, outcome.end.reason, outcome.end.stop) == ("thinking", "stop", "</think>")
    assert (outcome.end.completion, outcome.end.prompt) == (2, 4)
    assert not {"stop", "repetition_penalty"} & set(upstream.last)
    assert "min_p" not in upstream.last
    assert upstream.last["top_k"] == 40
    await upstream.hung_up.wait()  # it wrote on: hanging up is what ends that
    with pytest.raises(Unsupported):
        await run(engine, completion(constraint=Grammar("root ::= x")))
    upstream.routes["/v1/completions"] = (200, {"usage": usage(17, 1)})
    assert await engine.count("whatever") == 17
    await engine.close()


async def test_tokens_become_text_where_the_server_can_tell(upstream: Upstream) -> None:
    vllm(upstream)
    upstream.routes["/detokenize"] = lambda body: (
        (200, {"prompt": " ".join(map(str, body["tokens"]))}) if 9 not in body["tokens"] else (400, {"error": "no 9"})
    )
    engine = await started(upstream)
    assert await engine.text([1, 2]) == "1 2"
    with pytest.raises(InvalidRequest, match="no 9"):
        await engine.text([9])
    upstream.routes["/detokenize"] = (500, {"error": "broken"})
    with pytest.raises(EngineRefused):
        await engine.text([1])
    await engine.close()


async def test_tokens_of_a_hosted_upstream_are_refused(upstream: Upstream) -> None:
    hosted(upstream)
    engine = await started(upstream)
    with pytest.raises(Unsupported, match="as text"):
        await engine.text([1])
    await engine.close()


async def test_hosted_constraint_and_legacy_logprobs(upstream: Upstream) -> None:
    hosted(upstream)
    legacy = {
        "tokens": ["a", "bytes:\\xf0\\x9f"],
        "token_logprobs": [-0.5, None],
        "top_logprobs": [{"a": -0.5, "b": -1.0}, None],
        "text_offset": [0, 1],
    }
    upstream.routes["/v1/completions"] = [
        chunk(choice(0, "a", logprobs=legacy)), chunk(choice(0, "", finish_reason="stop"), usage=usage(5, 2)), "[DONE]",
    ]  # fmt: skip
    engine = await started(upstream)
    outcome = await run(engine, completion(constraint=Schema(SCHEMA), logprobs=1, max_tokens=5))
    assert upstream.last["response_format"]["json_schema"]["schema"] == SCHEMA
    first, second = outcome.logprobs[0]
    assert (first.logprob, first.bytes, first.top) == (-0.5, b"a", (("a", -0.5),))
    assert (second.logprob, second.bytes, second.top) == (-9999.0, b"\xf0\x9f", ())
    await engine.close()


@pytest.mark.parametrize(
    ("answer", "error", "match"),
    [
        ((400, {"error": {"message": "bad schema", "type": "BadRequestError"}}), EngineRefused, "bad schema"),
        ((400, {"object": "error", "message": "bad temperature", "code": 400}), EngineRefused, "bad temperature"),
        ((422, {"detail": [{"msg": "no"}]}), EngineRefused, "no"),
        ((401, {"error": "no key"}), EngineRefused, "did not accept the key"),
        ((429, {"error": {"message": "slow down"}}, {"Retry-After": "7"}), Overloaded, "no more requests"),
        ((503, {"error": {"message": "loading"}}), EngineUnavailable, "loading"),
        (
            (400, {"object": "error", "message": TOO_LONG}),
            ContextOverflow,
            "9001",
        ),
        ([{"error": {"message": "out of memory", "code": 500}}, "[DONE]"], EngineRefused, "out of memory"),
        ([chunk(choice(0, "x")), "[DONE]"], EngineRefused, "before the results were complete"),
        ([chunk(choice(0, "x")), None], EngineCrashed, "broke off"),
        ([None], EngineUnavailable, "cannot be reached"),
        (["{nonsense"], EngineRefused, "no known form"),
    ],
)  # fmt: skip
async def test_errors(upstream: Upstream, answer: Any, error: type[Exception], match: str) -> None:
    vllm(upstream)
    upstream.routes["/v1/completions"] = answer
    engine = await started(upstream)
    with pytest.raises(error, match=match) as caught:
        await run(engine, completion())
    if isinstance(caught.value, Overloaded):
        assert caught.value.retry_after == 7.0
    if isinstance(caught.value, ContextOverflow):
        assert (caught.value.prompt_tokens, caught.value.context) == (9001, 4096)
    await engine.close()


async def test_a_server_that_says_nothing(upstream: Upstream) -> None:
    vllm(upstream)
    engine = await started(upstream, first_byte_timeout_s=0.1)
    upstream.routes["/v1/completions"] = lambda _: []

    async def silent(*_: object) -> None:
        await upstream.hung_up.wait()

    upstream._write = silent  # type: ignore[method-assign]
    with pytest.raises(EngineTimeout):
        await run(engine, completion())
    upstream.hung_up.set()
    await engine.close()


async def test_starting_without_a_server_and_finding_it_later(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maxserve.engines.openai_http.FIRST_PROBE_DELAY_S", 0.01)
    upstream.routes["/v1/models"] = (503, {"error": {"message": "loading"}})
    engine = OpenAIHttpEngine("far", OpenAIHttpSettings(url=upstream.url, model="m"))
    with pytest.raises(EngineUnavailable, match="loading"):
        await engine.start()
    assert engine.state == "starting"
    with pytest.raises(EngineUnavailable, match="not answered yet"):
        _ = engine.info
    vllm(upstream)
    prober = engine._prober
    assert prober is not None
    await prober
    assert (engine.state, engine.kind) == ("ready", "vllm")
    await engine.close()
    assert engine.state == "stopped"


async def test_another_model_or_a_wrong_key_is_said_at_the_start(upstream: Upstream) -> None:
    vllm(upstream)
    engine = OpenAIHttpEngine("far", OpenAIHttpSettings(url=upstream.url, model="other"))
    with pytest.raises(EngineUnavailable, match="does not serve 'other'; it serves: m"):
        await engine.start()
    await engine.close()
    upstream.routes["/v1/models"] = (401, {})
    engine = OpenAIHttpEngine("far", OpenAIHttpSettings(url=upstream.url, model="m"))
    with pytest.raises(EngineUnavailable, match="does not accept the key"):
        await engine.start()
    await engine.close()


async def test_a_gateway_before_vllm_is_seen_through(upstream: Upstream) -> None:
    vllm(upstream)
    hosted(upstream)
    engine = await started(upstream)
    assert engine.kind == "vllm"
    await engine.close()


async def test_a_wrong_path_or_template_is_said_at_the_start(upstream: Upstream, tmp_path: Path) -> None:
    settings = OpenAIHttpSettings(url=upstream.url.removesuffix("/v1"), model="m")
    engine = OpenAIHttpEngine("far", settings)
    with pytest.raises(EngineUnavailable, match="url ends in /v1"):
        await engine.start()
    await engine.close()
    vllm(upstream)
    with pytest.raises(EngineUnavailable, match="template of the engine 'far' cannot be read"):
        await started(upstream, template=tmp_path / "none.jinja")
    (tmp_path / "t.jinja").write_text("{{ messages }}")
    engine = await started(upstream, template=tmp_path / "t.jinja")
    assert engine.info.template == "{{ messages }}"
    await engine.close()
