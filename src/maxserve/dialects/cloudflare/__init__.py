"""Cloudflare's AI API: its REST paths, the gateway host and the Workers binding (specs/cloudflare.md).

One request and one answer, MiniMax's, in several wrappings: bare, in the v4 envelope, or as the binding has it.
"""

from .door import CloudflareAsked, CloudflareChat, Form, Passage, Relayed, RelayedAsked
from .errors import gateway_body, v4_body
from .opening import beside, in_binding, in_body, in_path

__all__ = [
    "CloudflareAsked", "CloudflareChat", "Form", "Passage", "Relayed", "RelayedAsked", "beside", "gateway_body",
    "in_binding", "in_body", "in_path", "v4_body",
]  # fmt: skip
