"""Cloudflare's AI API. Its adapters wrap those of other APIs; `server/cloudflare.py` builds them."""

from __future__ import annotations

from ..api import Api

REST = "/client/v4/accounts/{account}/ai/v1/chat/completions"
BINDING = "/run"

API = Api(
    name="cloudflare",
    error_paths={
        "/client/": REST,
        "/cloudflare/": REST,
        "/ai-gateway/gateways/": REST,  # everything the binding asks for except models has the v4 envelope
        "/ai-gateway/": BINDING,
        "/ai-api/": REST,
        "/to-everything/": REST,
        "/autorag/": REST,
        BINDING: BINDING,
    },
)
