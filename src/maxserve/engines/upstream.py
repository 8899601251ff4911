"""Finds out what kind of server an upstream is, and what it serves."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..chat import EngineUnavailable
from ..http.client import Client
from ..http.connection import TransportError
from .completions import Kind, refusal

PROBE_TIMEOUT_S = 10.0

_OWNERS: dict[str, Kind] = {"vllm": "vllm", "sglang": "sglang", "llamacpp": "llama"}


class Upstream(msgspec.Struct, frozen=True):
    """What was found. `version` is () where the server does not say; `context` None likewise."""

    kind: Kind
    version: tuple[int, ...] = ()
    context: int | None = None
    root: str | None = None


class _Meta(msgspec.Struct):
    n_ctx: int | None = None


class _Card(msgspec.Struct):
    id: str
    owned_by: str | None = None
    max_model_len: int | None = None
    root: str | None = None
    meta: _Meta | None = None


class _Cards(msgspec.Struct):
    data: list[_Card] = []


async def probe(client: Client, base: str, model: str) -> Upstream:
    """Ask the server at `base` (the path up to `/v1`) what it is.

    `/v1/models` says who owns the model; where that is nobody known (a gateway may rewrite it), `/version`,
    `/get_server_info` and `/props` are tried: vLLM, SGLang and llama-server each answer one. Raises
    `EngineUnavailable` where the server cannot be used: not reached, key not accepted, or another model served.
    """
    try:
        response = await client.request("GET", f"{base}/models", timeout=PROBE_TIMEOUT_S)
    except TransportError as error:
        raise EngineUnavailable(f"{client.address}{base} does not answer: {error}") from error
    if response.status in (401, 403):
        raise EngineUnavailable(f"{client.address}{base} does not accept the key of the configuration.")
    if response.status >= 500 or response.status == 429:
        raise EngineUnavailable(refusal(response.status, response.body).message)
    if response.status == 404 and not base.endswith("/v1"):
        raise EngineUnavailable(f"{client.address}{base} has no list of models; an engine's url ends in /v1 as a rule.")
    cards = _cards(response.body) if response.status == 200 else []
    card = next((card for card in cards if card.id == model), None)
    kind = _OWNERS.get((card or (cards[0] if cards else _Card(""))).owned_by or "")
    if card is None and cards and kind in ("vllm", "sglang"):
        served = ", ".join(one.id for one in cards[:5])
        raise EngineUnavailable(f"{client.address}{base} does not serve '{model}'; it serves: {served}.")
    root = base.removesuffix("/v1")
    version: tuple[int, ...] = ()
    if kind in (None, "vllm"):
        found = await _json(client, f"{root}/version")
        if isinstance(found.get("version"), str):
            kind, version = "vllm", _version(found["version"])
    if kind is None and "model_path" in await _json(client, f"{root}/get_server_info"):
        kind = "sglang"
    if kind is None and "default_generation_settings" in await _json(client, f"{root}/props"):
        kind = "llama"
    if card is None and len(cards) == 1 and kind == "llama":
        card = cards[0]  # llama-server answers to any model's name
    context = None
    if card is not None:
        context = card.max_model_len or (card.meta.n_ctx if card.meta else None)
    return Upstream(kind or "other", version, context, card.root if card else None)


def _cards(body: bytes) -> list[_Card]:
    try:
        return msgspec.json.decode(body, type=_Cards).data
    except msgspec.DecodeError:
        return []


async def _json(client: Client, path: str) -> dict[str, Any]:
    try:
        response = await client.request("GET", path, timeout=PROBE_TIMEOUT_S)
        found = msgspec.json.decode(response.body) if response.status == 200 else None
    except (TransportError, msgspec.DecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _version(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, () where there are none ("dev")."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()
