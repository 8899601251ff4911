"""The management paths: catalogue, token, gateways and their logs, all in the v4 envelope (docs/wire/cloudflare.md
§3).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ...catalogue import Catalogue, Model
from ...gateway import PROVIDER, GatewaySettings, SpendLimit
from .model_schema import INPUT, OUTPUT

_encode = msgspec.json.Encoder().encode
_HEAD = 10_000
"""How many bytes of a body a line of the log shows."""
_NAMESPACE = uuid.UUID("8a0c1f5e-5d0b-5c51-9d4a-6d6178736572")
_TASK = {
    "id": str(uuid.uuid5(_NAMESPACE, "Text Generation")),
    "name": "Text Generation",
    "description": "Generates text from a conversation.",
}


def success(result: Any, info: Mapping[str, int] | None = None, messages: Sequence[Any] = ()) -> bytes:
    """Return a result in the envelope; lists have `result_info`, too."""
    body = {"result": result, "success": True, "errors": [], "messages": list(messages)}
    return _encode(body if info is None else {**body, "result_info": info})


def listed(items: Sequence[Any], page: int, per_page: int, total: int) -> bytes:
    """Return one page of a list."""
    return success(items, {"page": page, "per_page": per_page, "count": len(items), "total_count": total})


def token_body(key: str | None) -> bytes:
    """Return the answer to `GET /user/tokens/verify` of a token that is right."""
    message = {"code": 10000, "message": "This API Token is valid and active", "type": None}
    return success({"id": (key or "").ljust(32, "0"), "status": "active"}, messages=[message])


def models_page(catalogue: Catalogue, search: str, author: str, task: str, page: int, per_page: int) -> bytes:
    """Return one page of `GET /ai/models/search`; behind the last one pages are empty, so that clients stop."""
    items = [_item(slug, model) for slug, model in _slugs(catalogue)]
    wanted = [
        item
        for item in items
        if search.lower() in f"{item['name']} {item['description']}".lower()
        and (not author or author.lower() == "minimax")
        and (not task or task.lower() == "text generation")
    ]
    return listed(wanted[(page - 1) * per_page : page * per_page], page, per_page, len(wanted))


def names_body(names: Iterable[str], description: str) -> bytes:
    """Return a short list: `/ai/authors/search`, `/ai/tasks/search`."""
    items = [{"id": str(uuid.uuid5(_NAMESPACE, name)), "name": name, "description": description} for name in names]
    return listed(items, 1, len(items), len(items))


def openai_models(catalogue: Catalogue) -> bytes:
    """Return OpenAI's list of Cloudflare's slugs: what `GET /ai/v1/models` lacks at the vendor."""
    data = [
        {"id": slug, "object": "model", "created": model.created, "owned_by": "minimax"}
        for slug, model in _slugs(catalogue)
    ]
    return _encode({"object": "list", "data": data})


def schema_body(model: Model) -> bytes:
    """Return the schemas of `GET /ai/models/schema` for one model."""
    return success({"input": INPUT, "output": OUTPUT})


def gateway_object(name: str, settings: GatewaySettings, created_at: float) -> dict[str, Any]:
    """Return a gateway as the API shows it; what it has none of is null or empty (docs/wire/cloudflare.md §3.5)."""
    made = _time(created_at)
    return {
        "id": name,
        "created_at": made,
        "modified_at": made,
        "is_default": name == "default",
        "collect_logs": settings.collect_logs,
        "cache_ttl": round(settings.cache_ttl_s),
        "cache_invalidate_on_update": False,
        "rate_limiting_interval": round(settings.rate_interval_s) if settings.rate_limit else 0,
        "rate_limiting_limit": settings.rate_limit or 0,
        "rate_limiting_technique": settings.rate_technique,
        "authentication": True,
        "log_management": settings.max_logs,
        "log_management_strategy": "DELETE_OLDEST",
        "logpush": False,
        "logpush_public_key": None,
        "otel": None,
        "retry_max_attempts": settings.max_attempts,
        "retry_delay": round(settings.retry_delay_s * 1000),
        "retry_backoff": settings.retry_backoff,
        "spend_limits": {
            "enabled": bool(settings.spend_limits),
            "rules": [_rule(rule) for rule in settings.spend_limits],
        },
        "zdr": True,
    }


def _rule(rule: SpendLimit) -> dict[str, Any]:
    metadata: dict[str, Any] = {name: {"mode": "partition"} for name in rule.per}
    metadata |= {name: {"mode": "filter", "values": [value]} for name, value in rule.metadata.items()}
    shown: dict[str, Any] = {
        "id": rule.id,
        "enabled": True,
        "limit": rule.limit,
        "limitType": "cost",
        "window": round(rule.window_s),
        "technique": rule.technique,
        "metadata": metadata,
    }
    return {**shown, "model": {"mode": "filter", "values": list(rule.models)}} if rule.models else shown


def log_object(entry: Any, whole: bool = False) -> dict[str, Any]:
    """Return a line of a gateway's log; `whole` adds the beginnings of the bodies."""
    shown: dict[str, Any] = {
        "id": entry.id,
        "created_at": _time(entry.created_at),
        "provider": PROVIDER,
        "model": entry.model,
        "model_type": "",
        "path": entry.path,
        "success": entry.success,
        "status_code": entry.status_code,
        "cached": entry.cached,
        "duration": entry.duration,
        "tokens_in": entry.tokens_in,
        "tokens_out": entry.tokens_out,
        "cost": entry.cost,
        "custom_cost": entry.custom_cost,
        "metadata": _encode(entry.metadata).decode(),
        "step": entry.step,
        "request_type": "",
        "request_size": entry.request_size,
        "request_content_type": entry.request_content_type,
        "response_size": entry.response_size,
        "response_content_type": entry.response_content_type,
        "event_id": entry.event_id,
        "score": entry.score,
        "feedback": entry.feedback,
    }
    if whole:
        for name in ("request", "response"):
            body = getattr(entry, name)
            shown[f"{name}_head"] = (body or b"")[:_HEAD].decode("utf-8", "replace")
            shown[f"{name}_head_complete"] = body is not None and len(body) <= _HEAD
    return shown


def _slugs(catalogue: Catalogue) -> list[tuple[str, Model]]:
    """Cloudflare's name of each model: its alias with `minimax/`, the shortest; demo checkpoints have none."""
    found = []
    for model in catalogue.models:
        slugs = [alias for alias in model.aliases if alias.startswith("minimax/")]
        if slugs:
            found.append((min(slugs, key=len), model))
    return found


def _item(slug: str, model: Model) -> dict[str, Any]:
    properties = [
        {"property_id": "context_window", "value": str(model.context)},
        {"property_id": "max_output_tokens", "value": str(model.max_output)},
        {
            "property_id": "price",
            "value": [
                {"unit": "per M input tokens", "price": model.price.input, "currency": "USD"},
                {"unit": "per M output tokens", "price": model.price.output, "currency": "USD"},
                {"unit": "per M cached input tokens", "price": model.price.cache_read, "currency": "USD"},
            ],
        },
    ]
    return {
        "id": str(uuid.uuid5(_NAMESPACE, slug)),
        "source": 1,
        "name": slug,
        "description": f"{model.name} of MiniMax, a language model that thinks and calls tools.",
        "task": _TASK,
        "tags": ["LLM", "Multilingual"],
        "properties": properties,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
