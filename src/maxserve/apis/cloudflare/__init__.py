"""Cloudflare's AI API: its REST paths, the gateway host and the Workers binding (docs/wire/cloudflare.md).

One request and one answer, MiniMax's, in several wrappings: bare, in the v4 envelope, or as the binding has it.
"""

from .adapter import CloudflareChatAdapter, Form, ParsedCloudflare, ParsedRelayed, Passage, RelayedAdapter
from .decode_errors import InvalidProvider, UnknownGateway
from .errors import gateway_body, openai_body, run_body, v4_body
from .model_location import beside, elsewhere, in_binding, in_body, in_compat, in_path

__all__ = [
    "beside", "CloudflareChatAdapter", "elsewhere", "Form", "gateway_body", "in_binding", "in_body", "in_compat",
    "in_path", "InvalidProvider", "openai_body", "ParsedCloudflare", "ParsedRelayed", "Passage", "RelayedAdapter",
    "run_body", "UnknownGateway", "v4_body",
]  # fmt: skip
