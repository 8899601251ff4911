"""The real `openai` client's completions, unmodified, against `maxserve serve`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.support.serving import Served

# What the demo checkpoint's own template makes of a question, written by hand.
ASKED = "]~b]user\nWhat is the capital of France?[e~[\n]~b]ai\n<think>\n"


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as made:
        yield made


def test_a_whole_completion(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="minimax/m2.7", prompt=ASKED, temperature=0, max_tokens=80)
    (choice,) = answer.choices
    thought, _, said = choice.text.partition("</think>")
    assert thought.strip()
    assert "Paris" in said
    assert (choice.finish_reason, choice.logprobs) == ("stop", None)
    assert answer.object == "text_completion"
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 10
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_sixteen_tokens_where_nothing_is_said(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="minimax/m3", prompt="1 2 3 4 5 6", temperature=0)
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 16


def test_a_stream_says_the_same(client: openai.OpenAI) -> None:
    wish: Any = {"model": "minimax/m2.7", "prompt": ASKED, "temperature": 0, "max_tokens": 80}
    whole = client.completions.create(**wish)
    text, reasons, usage = "", [], None
    for chunk in client.completions.create(**wish, stream=True, stream_options={"include_usage": True}):
        assert usage is None, "the usage frame is the last"
        usage = chunk.usage
        for choice in chunk.choices:
            text += choice.text
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert (text, reasons) == (whole.choices[0].text, ["stop"])
    assert whole.usage is not None
    assert usage is not None
    assert usage.completion_tokens == whole.usage.completion_tokens


def test_several_results_of_several_prompts(client: openai.OpenAI) -> None:
    prompts = ["The capital of France", "Zwei mal zwei"]
    wish: Any = {"model": "minimax/m2.7", "n": 2, "echo": True, "temperature": 1.0, "seed": 5, "max_tokens": 8}
    answer = client.completions.create(prompt=prompts, **wish)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    for choice in answer.choices:
        assert choice.text.startswith(prompts[choice.index // 2])
    alone = [client.completions.create(prompt=prompt, **wish).usage for prompt in prompts]
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == sum(usage.prompt_tokens for usage in alone if usage is not None)
    streamed = [""] * 4
    for chunk in client.completions.create(prompt=prompts, **wish, stream=True):
        for choice in chunk.choices:
            streamed[choice.index] += choice.text
    for index, text in enumerate(streamed):
        assert text.startswith(prompts[index // 2])


def test_echo_alone(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="minimax/m2.7", prompt="Once upon", echo=True, max_tokens=0)
    assert (answer.choices[0].text, answer.choices[0].finish_reason) == ("Once upon", "length")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 0


def test_prompts_of_tokens(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="minimax/m2.7", prompt=[[1, 298, 215, 891]], echo=True, max_tokens=0)
    assert answer.choices[0].text == "]~b]user\nHello"


def test_logprobs(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="minimax/m2.7", prompt=ASKED, temperature=0, logprobs=3, max_tokens=12)
    (choice,) = answer.choices
    probable = choice.logprobs
    assert probable is not None
    assert probable.tokens
    assert probable.token_logprobs
    assert probable.top_logprobs
    assert probable.text_offset
    assert "".join(probable.tokens) == choice.text
    for token, logprob, top, offset in zip(
        probable.tokens, probable.token_logprobs, probable.top_logprobs, probable.text_offset, strict=True
    ):
        assert choice.text[offset:].startswith(token)
        assert top[token] == logprob <= 0
        assert 3 <= len(top) <= 4


def test_stop_cuts_the_text(client: openai.OpenAI) -> None:
    wish: Any = {"model": "minimax/m2.7", "prompt": ASKED, "temperature": 0, "max_tokens": 80}
    free = client.completions.create(**wish).choices[0].text
    cut = client.completions.create(**wish, stop=["</think>"]).choices[0]
    assert (cut.text, cut.finish_reason) == (free.partition("</think>")[0], "stop")


@pytest.mark.parametrize(
    ("fields", "kind", "param"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "model"),
        ({"suffix": "the end"}, openai.BadRequestError, "suffix"),
        ({"best_of": 3}, openai.BadRequestError, "best_of"),
        ({"echo": True, "logprobs": 1}, openai.BadRequestError, "logprobs"),
        ({"logit_bias": {"50256": -100}}, openai.BadRequestError, "logit_bias"),
        ({"prompt": [9_999_999]}, openai.BadRequestError, "prompt"),
        ({"prompt": "long " * 60_000}, openai.BadRequestError, "prompt"),
        ({"temperature": 9}, openai.BadRequestError, "temperature"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_name_the_field(
    client: openai.OpenAI, fields: dict[str, Any], kind: type[openai.APIStatusError], param: str, stream: bool
) -> None:
    with pytest.raises(kind) as caught:
        client.completions.create(**{"model": "minimax/m2.7", "prompt": "Once", "stream": stream} | fields)
    assert caught.value.param == param


async def test_the_asynchronous_client(served: Served) -> None:
    async with openai.AsyncOpenAI(base_url=served.base_url, api_key="unused", max_retries=0) as client:
        stream = await client.completions.create(model="MiniMax-M2.7", prompt=ASKED, stream=True, max_tokens=80)
        text = "".join([chunk.choices[0].text async for chunk in stream])
    assert "Paris" in text
