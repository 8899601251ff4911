"""The adapters of Cloudflare's paths (docs/wire/cloudflare.md §3, §7)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.convertors import StringConvertor, register_url_convertor

from ..apis.adapter import ApiAdapter
from ..apis.cloudflare import (
    CloudflareChatAdapter,
    Form,
    RelayedAdapter,
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
from ..apis.cloudflare.universal import UniversalAdapter
from ..catalogue import Catalogue

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


def cloudflare_adapters(catalogue: Catalogue, adapters: Mapping[str, ApiAdapter]) -> dict[str, ApiAdapter]:
    """Return the door of each path that asks a model; `adapters` are the other APIs', some of which stand behind these.

    Every path is there under `/cloudflare`, too, for the hosts that share one address.
    """
    own = adapters["/v1/messages"]
    chat = CloudflareChatAdapter(catalogue, Form(in_body, False, openai_body))
    named = CloudflareChatAdapter(catalogue, Form(in_path, True, run_body), own)
    run = CloudflareChatAdapter(catalogue, Form(beside, True, run_body), own)
    compat = CloudflareChatAdapter(catalogue, Form(in_compat, False, gateway_body))
    openai = CloudflareChatAdapter(catalogue, Form(in_body, False, gateway_body))
    others = CloudflareChatAdapter(catalogue, Form(elsewhere, False, gateway_body))
    workers = CloudflareChatAdapter(catalogue, Form(in_path, True, gateway_body), own)
    binding = CloudflareChatAdapter(catalogue, Form(in_binding, False, gateway_body), own)
    messages = RelayedAdapter(catalogue, own, "messages")
    responses = RelayedAdapter(catalogue, adapters["/v1/responses"], "responses")
    paths: dict[str, ApiAdapter] = {
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
    return {**paths, **{MOUNT + path: adapter for path, adapter in paths.items()}}


def every_adapter(catalogue: Catalogue, adapters: Mapping[str, ApiAdapter]) -> dict[str, ApiAdapter]:
    """Return `adapters` together with those of Cloudflare's paths, for whoever describes them all."""
    universal = UniversalAdapter(catalogue, adapters["/v1/messages"])
    return {**adapters, **cloudflare_adapters(catalogue, adapters), **dict.fromkeys(UNIVERSAL, universal)}
