"""Where model, inputs and gateway stand in a request; each path has its place for them (docs/wire/cloudflare.md §3,
§7).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from ...gateway import DEFAULT, Options
from ..adapter import RequestContext
from . import wire
from .decode_errors import BadFormat, InvalidProvider, UnknownGateway, malformed, missing
from .options import from_binding, from_headers

T = TypeVar("T")
_GATEWAY = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch


class ModelRequest(msgspec.Struct, frozen=True):
    """A request with its wrapping off; `at` is where the inputs stood in the body, for the paths of errors.

    No inputs at all are told only after the model was looked for: the model is checked first (docs/wire/cloudflare.md
    §2.3).
    """

    model: str
    inputs: bytes
    gateway: str
    options: Options
    at: str = ""


Opening = Callable[[bytes, RequestContext], ModelRequest]

_named = msgspec.json.Decoder(wire.Named)
_run = msgspec.json.Decoder(wire.RunRequest)
_binding = msgspec.json.Decoder(wire.BindingRequest)


def in_body(body: bytes, context: RequestContext) -> ModelRequest:
    """Open a body that names its model among its fields: `/ai/v1/…`."""
    model = decoded(_named, body).model
    if not model:
        raise missing("model")
    return ModelRequest(model, body, gateway_of(context), from_headers(context))


def in_compat(body: bytes, context: RequestContext) -> ModelRequest:
    """Open a body whose model stands behind its provider: `/compat/…`.

    The vendor's list of providers lacks MiniMax and sends its models through Workers AI; here both names lead to them.
    """
    opened = in_body(body, context)
    provider, slash, name = opened.model.partition("/")
    if not slash:
        raise BadFormat(f"The model must be PROVIDER/MODEL, not '{opened.model}'.", param="model")
    if provider == "workers-ai":
        return msgspec.structs.replace(opened, model=name)
    if provider != "minimax":
        raise InvalidProvider(f"'{provider}' is not served here; minimax and workers-ai are.", param="model")
    return opened


def elsewhere(body: bytes, context: RequestContext) -> ModelRequest:
    """Refuse a path of a provider whose own API is not spoken here: `/openai/…`, `/anthropic/…`."""
    raise InvalidProvider(f"'{context.path['provider']}' is not served here; workers-ai and compat are.")


def in_path(body: bytes, context: RequestContext) -> ModelRequest:
    """Open a body that is the inputs, the model being in the path: `/ai/run/{model}`."""
    return ModelRequest(context.path["model"], body, gateway_of(context), from_headers(context))


def beside(body: bytes, context: RequestContext) -> ModelRequest:
    """Open a body that has the model beside its input: `/ai/run`."""
    asked = decoded(_run, body)
    return ModelRequest(asked.model, bytes(asked.input), gateway_of(context), from_headers(context), "input")


def in_binding(body: bytes, context: RequestContext) -> ModelRequest:
    """Open what the Workers binding posts: the model in a header, perhaps behind a prefix, and options of its own."""
    asked = decoded(_binding, body)
    model = context.header(b"cf-consn-model-id")
    if not model:
        raise missing("cf-consn-model-id")
    gateway = asked.options.gateway if asked.options is not None else None
    name = gateway.id if gateway is not None and gateway.id else DEFAULT
    return ModelRequest(model, bytes(asked.inputs), _gateway(name), from_binding(gateway, context))


def gateway_of(context: RequestContext) -> str:
    """Return the gateway that a request runs through: the path's, the header's, else the default one."""
    return _gateway(context.path.get("gateway") or context.header(b"cf-aig-gateway-id") or DEFAULT)


def _gateway(name: str) -> str:
    if not _GATEWAY(name):
        raise UnknownGateway("A gateway's name has up to 64 letters, digits, dots, - and _.")
    return name


def decoded(decoder: msgspec.json.Decoder[T], body: bytes, at: str = "") -> T:
    """Decode a body; raises `Malformed`."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(error, at) from None
