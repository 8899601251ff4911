"""OpenAI's legacy completions."""

from __future__ import annotations

from typing import Any

from ..apis.completions import CompletionsAdapter, wire
from ..apis.completions import wire_response as form
from ..apis.completions.read import DEFAULT_OUTPUT, LOGPROBS, TOKEN_LIMIT
from ..apis.openai_chat import ChatRules
from ..apis.validation import Range
from ..config import Config
from .answer import AnswerForm, answers
from .chat_request import stop_schema
from .field import Field, Fields
from .forms import DONE
from .mounts import Mounts
from .operation import Operation
from .sampling import sampling_fields
from .schema import Schemas

_TOKEN: dict[str, Any] = {"type": "integer", "minimum": 0, "exclusiveMaximum": TOKEN_LIMIT}
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}


def completion_operations(
    config: Config, mounts: Mounts, schemas: Schemas, error: dict[str, Any]
) -> tuple[Operation, ...]:
    """Return the operations; `error` is the schema of errors in OpenAI's form."""
    own = AnswerForm(
        adapter=mounts.adapter(CompletionsAdapter),
        whole=schemas.add(form.Completion, "Completion"),
        error=error,
        frames=(schemas.add(form.Chunk, "Completion"),),
        words=DONE,
    )
    return (
        Operation(
            id="createCompletion",
            method="post",
            paths=mounts.paths(CompletionsAdapter),
            summary="Continue a text",
            text="Continues text as it stands: no roles, no template, and nothing reads thinking or calls out of it.",
            body=schemas.add(wire.CompletionRequest, "Completion", _request(config)),
            examples={
                "A text": {"model": "minimax/m2.7", "prompt": "The capital of France is", "max_tokens": 16},
                "Streamed": {
                    "model": "minimax/m2.7",
                    "prompt": "Code flows like water",
                    "max_tokens": 32,
                    "stream": True,
                    "stream_options": {"include_usage": True},
                },
                "Two texts with probabilities": {
                    "model": "minimax/m2.7",
                    "prompt": ["The capital of France is", "The capital of Italy is"],
                    "max_tokens": 4,
                    "logprobs": 2,
                },
            },
            responses=answers([own]),
        ),
    )


def _request(config: Config) -> Fields:
    rules = ChatRules()
    return {
        wire.CompletionRequest: {
            "model": Field(text="Any name of a model.", least=1),
            "prompt": Field(
                text="What is continued: a text, the ids of its tokens, or a list of either.",
                schema={
                    "anyOf": [
                        _TEXT,
                        {"type": "array", "minItems": 1, "items": _TEXT},
                        {"type": "array", "minItems": 1, "items": _TOKEN},
                        {"type": "array", "minItems": 1, "items": {"type": "array", "minItems": 1, "items": _TOKEN}},
                    ]
                },
            ),
            **sampling_fields(rules.temperature, rules.top_p),
            "max_tokens": Field(text="The most tokens to write.", low=0, default=DEFAULT_OUTPUT),
            "n": Field(text="How many results of each prompt.", range=Range(1, config.limits.max_n), default=1),
            "best_of": Field(text="Must be `n` where it is there: results are not drawn to be thrown away.", low=1),
            "echo": Field(text="Begin with the prompt; not together with `logprobs`.", default=False),
            "logprobs": Field(text="Give the log probabilities, with so many alternatives.", range=LOGPROBS),
            "stop": Field(text="What ends the text, and is not part of it.", schema=stop_schema()),
            "suffix": Field(text="Refused unless empty: the models continue text and do not fill gaps.", most=0),
            "logit_bias": Field(text="Refused unless empty: token ids belong to one tokenizer.", most=0),
            "stream": Field(text="Send the text as it is written, as server-sent events.", default=False),
            "stream_options": Field(text="Only with `stream: true`."),
            "user": Field(text="Your end user's id."),
            "mask_sensitive_info": Field(text="Mask e-mail addresses, telephone numbers and the like."),
        },
        wire.StreamOptions: {
            "include_usage": Field(text="Send one more frame at the end, with the token counts.", default=False)
        },
    }
