"""Where model, inputs and gateway stand in a request; each path has its place for them (specs/cloudflare.md §3, §7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from ...gateway import DEFAULT, Options
from ..door import Arrival
from . import wire
from .options import from_binding, from_headers
from .words import malformed, missing

T = TypeVar("T")


class Opened(msgspec.Struct, frozen=True):
    """A request with its wrapping off; `at` is where the inputs stood in the body, for the paths of errors."""

    model: str
    inputs: bytes
    gateway: str
    options: Options
    at: str = ""


Opening = Callable[[bytes, Arrival], Opened]

_named = msgspec.json.Decoder(wire.Named)
_run = msgspec.json.Decoder(wire.RunRequest)
_binding = msgspec.json.Decoder(wire.BindingRequest)


def in_body(body: bytes, arrival: Arrival) -> Opened:
    """Open a body that names its model among its fields: `/ai/v1/…`, `/compat/…`."""
    model = decoded(_named, body).model
    if not model:
        raise missing("model")
    return Opened(model.removeprefix("workers-ai/"), body, gateway_of(arrival), from_headers(arrival))


def in_path(body: bytes, arrival: Arrival) -> Opened:
    """Open a body that is the inputs, the model being in the path: `/ai/run/{model}`."""
    return Opened(arrival.path["model"], body, gateway_of(arrival), from_headers(arrival))


def beside(body: bytes, arrival: Arrival) -> Opened:
    """Open a body that has the model beside its input: `/ai/run`."""
    asked = decoded(_run, body)
    if not bytes(asked.input):
        raise missing("input")
    return Opened(asked.model, bytes(asked.input), gateway_of(arrival), from_headers(arrival), "input")


def in_binding(body: bytes, arrival: Arrival) -> Opened:
    """Open what the Workers binding posts: the model in a header, perhaps behind a prefix, and options of its own."""
    asked = decoded(_binding, body)
    model = arrival.header(b"cf-consn-model-id")
    if not model:
        raise missing("cf-consn-model-id")
    if not bytes(asked.inputs):
        raise missing("inputs")
    gateway = asked.options.gateway if asked.options is not None else None
    name = gateway.id if gateway is not None and gateway.id else DEFAULT
    return Opened(model, bytes(asked.inputs), name, from_binding(gateway))


def gateway_of(arrival: Arrival) -> str:
    """Return the gateway that a request runs through: the path's, the header's, else the default one."""
    return arrival.path.get("gateway") or arrival.header(b"cf-aig-gateway-id") or DEFAULT


def decoded(decoder: msgspec.json.Decoder[T], body: bytes, at: str = "") -> T:
    """Decode a body; raises `Malformed`."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise malformed(error, at) from None
