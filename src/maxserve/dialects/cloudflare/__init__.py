"""Cloudflare's AI API: its REST paths, the gateway host and the Workers binding (docs/wire/cloudflare.md).

One request and one answer, MiniMax's, in several wrappings: bare, in the v4 envelope, or as the binding has it.
"""

from .door import CloudflareAsked, CloudflareChat, Form, Passage, Relayed, RelayedAsked
from .errors import gateway_body, openai_body, run_body, v4_body
from .opening import beside, elsewhere, in_binding, in_body, in_compat, in_path
from .words import InvalidProvider, UnknownGateway

__all__ = [
    "CloudflareAsked", "CloudflareChat", "Form", "InvalidProvider", "Passage", "Relayed", "RelayedAsked",
    "UnknownGateway", "beside", "elsewhere", "gateway_body", "in_binding", "in_body", "in_compat", "in_path",
    "openai_body", "run_body", "v4_body",
]  # fmt: skip
