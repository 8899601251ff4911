"""Cloudflare's paths: which door answers at each (docs/wire/cloudflare.md §3, §7)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.convertors import StringConvertor, register_url_convertor

from ..catalogue import Catalogue
from ..dialects.cloudflare import (
    CloudflareChat,
    Form,
    Relayed,
    beside,
    elsewhere,
    gateway_body,
    in_binding,
    in_body,
    in_compat,
    in_path,
    openai_body,
    run_body,
)
from ..dialects.cloudflare.universal import Universal
from ..dialects.door import Door

ACCOUNT = "/client/v4/accounts/{account}"
HOST = "/v1/{account}/{gateway}"
MOUNT = "/cloudflare"
UNIVERSAL = (
    "/v1/{account:account}/{gateway}",
    "/v1/{account:account}/{gateway}/",
    "/ai-gateway/universal/run/{gateway}",
    f"{MOUNT}{HOST}",
    f"{MOUNT}{HOST}/",
    f"{MOUNT}/ai-gateway/universal/run/{{gateway}}",
)
"""Where several steps may be sent, of which the first that succeeds answers.

Without the mount the path must begin with an account's 32 digits: other APIs have paths of two parts, too.
"""


class _Account(StringConvertor):
    regex = "[0-9a-f]{32}"


class _Rest(StringConvertor):
    regex = ".+"  # unlike `path` never empty, so that nobody is sent from /PROVIDER to /PROVIDER/


register_url_convertor("account", _Account())
register_url_convertor("rest", _Rest())


def cloudflare_doors(catalogue: Catalogue, doors: Mapping[str, Door]) -> dict[str, Door]:
    """Return the door of each path that asks a model; `doors` are the other APIs', some of which stand behind these.

    Every path is there under `/cloudflare`, too, for the hosts that share one address.
    """
    own = doors["/v1/messages"]
    chat = CloudflareChat(catalogue, Form(in_body, False, openai_body))
    named = CloudflareChat(catalogue, Form(in_path, True, run_body), own)
    run = CloudflareChat(catalogue, Form(beside, True, run_body), own)
    compat = CloudflareChat(catalogue, Form(in_compat, False, gateway_body))
    openai = CloudflareChat(catalogue, Form(in_body, False, gateway_body))
    others = CloudflareChat(catalogue, Form(elsewhere, False, gateway_body))
    workers = CloudflareChat(catalogue, Form(in_path, True, gateway_body), own)
    binding = CloudflareChat(catalogue, Form(in_binding, False, gateway_body), own)
    messages = Relayed(catalogue, own, "messages")
    responses = Relayed(catalogue, doors["/v1/responses"], "responses")
    paths: dict[str, Door] = {
        f"{ACCOUNT}/ai/v1/chat/completions": chat,
        f"{ACCOUNT}/ai/v1/messages": messages,
        f"{ACCOUNT}/ai/v1/v1/messages": messages,
        f"{ACCOUNT}/ai/v1/responses": responses,
        f"{ACCOUNT}/ai/run": run,
        f"{ACCOUNT}/ai/run/{{model:path}}": named,
        f"{HOST}/compat/chat/completions": compat,
        f"{HOST}/workers-ai/v1/chat/completions": openai,
        f"{HOST}/workers-ai/run/{{model:path}}": workers,
        f"{HOST}/workers-ai/{{model:path}}": workers,
        "/v1/{account:account}/{gateway}/{provider}/{rest:rest}": others,
        "/run": binding,
        "/ai-gateway/run": binding,
    }
    return {**paths, **{MOUNT + path: door for path, door in paths.items()}}


def every_door(catalogue: Catalogue, doors: Mapping[str, Door]) -> dict[str, Door]:
    """Return `doors` together with those of Cloudflare's paths, for whoever describes them all."""
    universal = Universal(catalogue, doors["/v1/messages"])
    return {**doors, **cloudflare_doors(catalogue, doors), **dict.fromkeys(UNIVERSAL, universal)}
