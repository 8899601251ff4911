"""Cloudflare's AI API: its REST paths, the gateway host and the Workers binding."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ..apis.adapter import ApiAdapter
from ..apis.anthropic import MessagesAdapter
from ..apis.cloudflare import (
    CloudflareChatAdapter,
    InvalidProvider,
    RelayedAdapter,
    UnknownGateway,
    beside,
    elsewhere,
    gateway_body,
    in_binding,
    in_body,
    in_compat,
    in_path,
    openai_body,
    v4_body,
    wire,
)
from ..apis.cloudflare import wire_response as form
from ..apis.cloudflare.adapter import ErrorForm
from ..apis.cloudflare.decode_errors import BadFormat
from ..apis.cloudflare.model_location import Opening
from ..apis.cloudflare.read import RULES, TOKENS
from ..apis.cloudflare.universal import ParsedStep, StepConfig, UniversalAdapter
from ..chat import ContextOverflow, Forbidden, NotFound, SpendLimited, UnknownModel
from ..config import Config
from .answer import AnswerForm, answers, any_of
from .chat_request import REFUSED_PARTS, chat_request
from .examples import chat_examples
from .faults import GENERATING
from .field import Field, Fields
from .forms import DONE
from .management import PARAMETERS, management_operations
from .mounts import Mounts, plain
from .operation import Operation, Part, path_parameter
from .schema import Schemas

_PREFIX = "Cloudflare"

_ERRORS = (
    *GENERATING,
    Forbidden("The account is not this key's."),
    NotFound("Could not route to this path, perhaps your object identifier is invalid?"),
    SpendLimited("The gateway's limit of spending is reached.", retry_after=60.0),
    UnknownGateway("A gateway's name has up to 64 letters, digits, dots, - and _."),
)


class _Shown(NamedTuple):
    """What is said of the door that opens requests in one way."""

    id: str
    summary: str
    text: str
    body: Callable[[_Bodies], tuple[dict[str, Any] | None, dict[str, Any]]]


class _Bodies(NamedTuple):
    """The schemas of bodies and examples of each."""

    chat: dict[str, Any]
    inputs: dict[str, Any]
    run: dict[str, Any]
    binding: dict[str, Any]

    def named(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.chat, chat_examples("minimax/m2.7", other="minimax/m3")

    def bare(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.inputs, _inputs()

    def beside(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.run, {title: {"model": "minimax/m2.7", "input": one} for title, one in _inputs().items()}

    def bound(self) -> tuple[dict[str, Any], dict[str, Any]]:
        gateway = {"options": {"gateway": {"id": "default", "skipCache": True}}}
        return self.binding, {title: {"inputs": one, **gateway} for title, one in _inputs().items()}

    def nothing(self) -> tuple[None, dict[str, Any]]:
        return None, {}


_SHOWN: dict[tuple[Opening, bool], _Shown] = {
    (in_body, False): _Shown(
        "createCloudflareChatCompletion", "Answer a conversation", "The REST API's chat completions.", _Bodies.named
    ),
    (beside, False): _Shown(
        "runCloudflare", "Run a model beside its input", "The answer is in the v4 envelope; streams are not.",
        _Bodies.beside,
    ),
    (in_path, False): _Shown(
        "runCloudflareModel", "Run a model", "The answer is in the v4 envelope; streams are not.", _Bodies.bare
    ),
    (in_compat, True): _Shown(
        "createGatewayCompatCompletion", "Answer a conversation through a gateway",
        "The gateway host's OpenAI-compatible path; the model is `PROVIDER/MODEL`.", _Bodies.named,
    ),
    (in_body, True): _Shown(
        "createGatewayCompletion", "Answer a conversation through a gateway, as Workers AI does",
        "The gateway host's path of Workers AI.", _Bodies.named,
    ),
    (in_path, True): _Shown(
        "runGatewayModel", "Run a model through a gateway", "The answer is in the v4 envelope; streams are not.",
        _Bodies.bare,
    ),
    (in_binding, True): _Shown(
        "runBinding", "Run a model for the Workers binding", "What `env.AI.run` posts.", _Bodies.bound
    ),
    (elsewhere, True): _Shown(
        "askOtherProvider", "Ask another provider", "No other provider's own API is spoken here: always an error.",
        _Bodies.nothing,
    ),
}  # fmt: skip


def cloudflare_part(
    config: Config, mounts: Mounts, schemas: Schemas, openai: AnswerForm, anthropic: Operation, responses: Operation
) -> Part:
    """Return the part; `anthropic` and `responses` are the operations that stand behind Cloudflare's paths, too.

    `openai` is the form of errors where a path is none of Cloudflare's after all.
    """
    bodies = _bodies(config, schemas)
    completion = schemas.add(form.Completion, _PREFIX)
    enveloped = schemas.add(form.Result, _PREFIX)
    chunk = schemas.add(form.Chunk, _PREFIX)
    gateway = schemas.add(form.GatewayError, _PREFIX)
    errors: dict[ErrorForm, dict[str, Any]] = {
        v4_body: schemas.add(form.V4Error, _PREFIX),
        openai_body: schemas.add(form.OpenAIError, _PREFIX),
        gateway_body: gateway,
    }
    strays = (errors[v4_body], errors[openai_body], openai.error)
    operations: list[Operation] = []
    for adapter, paths in mounts.groups(CloudflareChatAdapter):
        hosted = adapter.form.errors is gateway_body
        shown = _SHOWN[adapter.form.opening, hosted]
        body, examples = shown.body(bodies)
        own = AnswerForm(
            adapter=adapter,
            whole=enveloped if adapter.form.enveloped else completion,
            error=errors.get(adapter.form.errors, errors[v4_body]),
            broken=gateway,
            frames=(chunk,),
            words=DONE,
        )
        found = answers([own], _errors(shown))
        if adapter.form.opening is elsewhere:
            del found["200"]
        operations += _spread(shown, paths, body, examples, found, strays)
    for kind, operation, error in (
        (MessagesAdapter, anthropic, form.MessagesError),
        (None, responses, form.OpenAIError),
    ):
        operations.append(_relayed(mounts, operation, schemas.add(error, _PREFIX), kind))
    universal = AnswerForm(
        adapter=mounts.adapter(UniversalAdapter),
        whole={"anyOf": [completion, enveloped]},
        error=gateway,
        frames=(chunk,),
        words=DONE,
    )
    operations += _universal(mounts, schemas, answers([universal], (*_ERRORS, _BAD_PROVIDER)), strays)
    operations += management_operations(schemas)
    return Part(
        name="Cloudflare",
        text="For clients of Cloudflare's REST API, its AI gateways and the Workers binding. Headers that begin with "
        "`cf-aig-` set what a gateway does for a request.",
        operations=tuple(operations),
    )


_BAD_PROVIDER = InvalidProvider("'openai' is not served here; workers-ai and compat are.")


def _errors(shown: _Shown) -> tuple[Any, ...]:
    if shown.id == "createGatewayCompatCompletion":
        return (*_ERRORS, _BAD_PROVIDER, BadFormat("The model must be PROVIDER/MODEL, not 'm3'.", param="model"))
    if shown.id == "askOtherProvider":
        # Nothing is generated, so little can go wrong.
        gone = (UnknownModel, ContextOverflow)
        return (*(error for error in _ERRORS if not isinstance(error, gone)), _BAD_PROVIDER)
    return _ERRORS


def _spread(
    shown: _Shown,
    paths: tuple[str, ...],
    body: dict[str, Any] | None,
    examples: dict[str, Any],
    found: dict[str, Any],
    strays: tuple[dict[str, Any], ...],
) -> list[Operation]:
    """Return an operation per set of variables: paths with other ones are no aliases."""
    sets: dict[tuple[Any, ...], list[str]] = {}
    for path in paths:
        sets.setdefault((":account}" in path, *_variables(path)), []).append(plain(path))
    return [
        Operation(
            id=shown.id if not number else f"{shown.id}{chr(ord('A') + number)}",
            method="post",
            paths=tuple(group),
            summary=shown.summary,
            text=shown.text,
            parameters=(*_parameters(group[0]), *(_MODEL if shown.id == "runBinding" else ())),
            body=body,
            examples=examples,
            responses=_strayed(found, strays) if key[0] else found,
        )
        for number, (key, group) in enumerate(sets.items())
    ]


def _strayed(found: dict[str, Any], strays: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Return responses of a path that leads nowhere where the account is no account: errors of other forms then."""
    gone = found["404"]
    media = gone["content"]["application/json"]
    both = {**media, "schema": any_of([media["schema"], *strays])}
    headers = {name: one for name, one in gone["headers"].items() if name != "Cf-Ai-Req-Id"}
    return {**found, "404": {**gone, "headers": headers, "content": {"application/json": both}}}


def _relayed(mounts: Mounts, operation: Operation, error: dict[str, Any], kind: type[ApiAdapter] | None) -> Operation:
    """Return another API's operation at Cloudflare's paths; its errors are Cloudflare's, with its own beside them."""
    adapter, paths = next(
        (adapter, paths)
        for adapter, paths in mounts.groups(RelayedAdapter)
        if ("messages" in paths[0]) is (kind is MessagesAdapter)
    )
    own = AnswerForm(adapter=adapter, whole={}, error=error)
    content = operation.responses["200"]
    found = answers([own], _ERRORS)
    found["200"] = {**content, "headers": {**content["headers"], **found["200"]["headers"]}}
    return Operation(
        id=f"{operation.id}AtCloudflare",
        method="post",
        paths=tuple(plain(path) for path in paths),
        summary=f"{operation.summary}, as {'Anthropic' if kind is MessagesAdapter else 'OpenAI'}'s clients ask",
        text="Errors are told in both APIs' forms at once.",
        parameters=_parameters(plain(paths[0])),
        body=operation.body,
        examples=operation.examples,
        responses=found,
    )


def _universal(
    mounts: Mounts, schemas: Schemas, found: dict[str, Any], strays: tuple[dict[str, Any], ...]
) -> list[Operation]:
    step = schemas.add(ParsedStep, _PREFIX, _STEP, name="CloudflareStep")
    shown = _Shown(
        "runSteps",
        "Try several steps",
        "The first step that succeeds answers; `cf-aig-step` says which one it was.",
        _Bodies.nothing,
    )
    body = {"anyOf": [{"type": "array", "minItems": 1, "items": step}, step]}
    examples = {
        "A model and another if it fails": [
            {"provider": "workers-ai", "endpoint": f"run/{name}", "query": one}
            for name, one in (("minimax/m3", _inputs()["A question"]), ("minimax/m2.7", _inputs()["A question"]))
        ]
    }
    return _spread(shown, mounts.paths(UniversalAdapter, variable=None), body, examples, found, strays)


def _bodies(config: Config, schemas: Schemas) -> _Bodies:
    def chat(name: str, *, named: bool) -> dict[str, Any]:
        return schemas.add(wire.ChatRequest, _PREFIX, _chat(config, named=named), name=name, without=REFUSED_PARTS)

    inputs = chat("CloudflareInputs", named=False)
    return _Bodies(
        chat=chat("CloudflareChatRequest", named=True),
        inputs=inputs,
        run=schemas.add(
            wire.RunRequest,
            _PREFIX,
            {
                wire.RunRequest: {
                    "model": Field(text="Any name of a model."),
                    "input": Field(text="What is asked.", required=True, schema=inputs),
                    "options": Field(text="Tolerated."),
                }
            },
        ),
        binding=schemas.add(
            wire.BindingRequest,
            _PREFIX,
            {
                wire.BindingRequest: {
                    "inputs": Field(text="What is asked.", required=True, schema=inputs),
                    "options": Field(text="What the gateway does for the request."),
                },
                **_OPTIONS,
            },
        ),
    )


def _chat(config: Config, *, named: bool) -> Fields:
    fields = dict(chat_request(config, RULES, named=named))
    own = dict(next(table for kind, table in fields.items() if kind.__name__ == "ChatRequest"))
    fields = {kind: table for kind, table in fields.items() if kind.__name__ not in ("ChatRequest", "Format", "Schema")}
    limit = Field(text="The most tokens to write, thinking and answer together.", range=TOKENS)
    own |= {"max_tokens": limit, "max_completion_tokens": limit}
    own["model"] = own["model"] if named else Field(text="Not needed here: the model stands elsewhere.")
    fields[wire.ChatRequest] = own
    fields[wire.Format] = {
        "type": Field(
            text="Text, any JSON object, or JSON by a schema.", values=("text", "json_object", "json_schema")
        ),
        "json_schema": Field(text="With `json_schema`: the schema with a name beside it, or the schema alone."),
    }
    return fields


def _inputs() -> dict[str, Any]:
    return {
        title: {name: value for name, value in body.items() if name != "model"}
        for title, body in chat_examples("").items()
    }


def _variables(path: str) -> list[str]:
    return re.findall(r"\{(\w+)", path)


def _parameters(path: str) -> tuple[dict[str, Any], ...]:
    return tuple(path_parameter(name, *PARAMETERS[name]) for name in _variables(path))


_MODEL: tuple[dict[str, Any], ...] = (
    {
        "name": "cf-consn-model-id",
        "in": "header",
        "required": True,
        "description": "Any name of a model.",
        "schema": {"type": "string", "minLength": 1},
        "example": "minimax/m2.7",
    },
)
_STEP: Fields = {
    ParsedStep: {
        "provider": Field(text="`workers-ai` or `compat`."),
        "endpoint": Field(text="What follows the provider in a path: `run/minimax/m2.7`, `v1/chat/completions`."),
        "query": Field(text="The body."),
        "headers": Field(text="Headers of this step alone."),
        "config": Field(text="What the gateway does for this step."),
    },
    StepConfig: {
        "requestTimeout": Field(text="Milliseconds until the first byte."),
        "maxAttempts": Field(text="How often it is tried."),
        "retryDelay": Field(text="Milliseconds between two attempts."),
        "backoff": Field(text="`constant`, `linear` or `exponential`."),
    },
}
_OPTIONS: Fields = {
    wire.BindingOptions: {"gateway": Field(text="The gateway and its options.")},
    wire.GatewayOptions: {
        "id": Field(text="The gateway's name."),
        "skipCache": Field(text="Ask the model though the answer is kept.", default=False),
        "cacheTtl": Field(text="Seconds for which the answer is kept; 0 = not at all."),
        "cacheKey": Field(text="What the answer is kept under."),
        "metadata": Field(text="Up to five texts, numbers and booleans for the log."),
        "collectLog": Field(text="Whether the request is logged."),
        "eventId": Field(text="An id of your own for the log."),
        "requestTimeoutMs": Field(text="Milliseconds until the first byte."),
        "retries": Field(text="How often and when to try again."),
    },
    wire.Retries: {
        "maxAttempts": Field(text="How often it is tried, 1 to 5."),
        "retryDelayMs": Field(text="Milliseconds between two attempts, up to 5000."),
        "backoff": Field(text="`constant`, `linear` or `exponential`."),
    },
}
