"""Cloudflare's management paths: catalogue, token, gateways and their logs."""

from __future__ import annotations

from typing import Any

from ..apis.cloudflare import CloudflareChatAdapter, Form, in_body, v4_body
from ..apis.cloudflare import wire_response as form
from ..apis.wire_models import ModelList
from ..catalogue import Catalogue
from ..chat import Forbidden, InternalError, InvalidRequest, NotFound, StorageUnavailable, UnknownModel
from .faults import UNAUTHORIZED, fault_responses
from .headers import answer_headers
from .operation import Operation, path_parameter
from .schema import Schemas

_ACCOUNT = "/client/v4/accounts/{account}"
_GATEWAYS = "/ai-gateway/gateways"
_LOGS = f"{_GATEWAYS}/{{gateway}}/logs"
_MOUNTS = ("", "/cloudflare")

ACCOUNT = "0123456789abcdef0123456789abcdef"
PARAMETERS = {
    "account": ("The account's id: 32 hex digits.", ACCOUNT),
    "gateway": ("The gateway's name.", "default"),
    "model": ("Any name of a model; `/` plain or percent-encoded.", "minimax/m2.7"),
    "provider": ("The provider.", "openai"),
    "rest": ("The provider's own path.", "chat"),
    "log": ("The id of a line in the gateway's log.", "01JD0000000000000000000000"),
}
_ERRORS = (
    *UNAUTHORIZED,
    Forbidden("The account is not this key's."),
    NotFound("Could not route to this path, perhaps your object identifier is invalid?"),
    UnknownModel("The model 'minimax/m9' does not exist. Did you mean minimax/m3?", param="model"),
    InvalidRequest("must be a whole number from 1 to 100, not '0'", param="per_page"),
    StorageUnavailable("The server's database cannot be used; its log says why.", retry_after=1.0),
    InternalError("The server made a mistake; it is logged under req_000000000000000000000000."),
)
"""One of each kind that can come."""


def management_operations(schemas: Schemas) -> tuple[Operation, ...]:
    """Return the operations; the paths without an account are the Workers binding's."""
    adapter = CloudflareChatAdapter(Catalogue(()), Form(in_body, False, v4_body))
    faults = fault_responses([((adapter, schemas.add(form.V4Error, "Cloudflare")), _ERRORS)])
    schema = schemas.add(form.Managed, "Cloudflare")
    listed = schemas.add(ModelList, "Model")

    def operation(
        id: str, summary: str, *paths: str, method: str = "get", query: str = "", body: dict[str, Any] | None = None
    ) -> Operation:
        plain = id == "listCloudflareModelNames"
        answer = {
            "description": "The answer.",
            "headers": answer_headers(adapter),
            "content": {"application/json": {"schema": listed if plain else schema}},
        }
        variables = [one.partition("}")[0] for one in paths[0].split("{")[1:]]
        return Operation(
            id=id,
            method=method,
            paths=tuple(mount + path for path in paths for mount in _MOUNTS),
            summary=summary,
            text=_TEXTS.get(id, f"{summary}."),
            parameters=(
                *(path_parameter(name, *PARAMETERS[name]) for name in variables),
                *(_query(name) for name in query.split()),
            ),
            body=body,
            responses={"200": answer, **faults, **(_OFF if plain else {})},
        )

    def twice(id: str, summary: str, path: str, **more: Any) -> tuple[Operation, Operation]:
        return (
            operation(id, summary, _ACCOUNT + path, **more),
            operation(f"{id}OfBinding", f"{summary}, for the Workers binding", path, **more),
        )

    paging = "page per_page"
    return (
        operation("verifyToken", "Say whether a key is right", "/client/v4/user/tokens/verify"),
        operation(
            "searchModels", "Search the models", f"{_ACCOUNT}/ai/models/search", query=_MODELS
        ),
        operation("searchModelsOfBinding", "Search the models, for the Workers binding", "/ai-api/models/search",
                  query=_MODELS),
        operation("modelSchema", "Show the schema of a model's input and output", f"{_ACCOUNT}/ai/models/schema",
                  query="model"),
        operation("searchAuthors", "List the makers of models", f"{_ACCOUNT}/ai/authors/search"),
        operation("searchTasks", "List what models do", f"{_ACCOUNT}/ai/tasks/search"),
        operation("listCloudflareModelNames", "List the models in OpenAI's form", f"{_ACCOUNT}/ai/v1/models"),
        operation("listGateways", "List the gateways", f"{_ACCOUNT}{_GATEWAYS}", query=f"search {paging}"),
        *twice("retrieveGateway", "Show a gateway", f"{_GATEWAYS}/{{gateway}}"),
        *twice("gatewayUrl", "Show a gateway's address", f"{_GATEWAYS}/{{gateway}}/url/{{provider}}"),
        *twice("listLogs", "List a gateway's log", _LOGS, query=f"{_FILTERS} meta_info {paging}"),
        *twice("deleteLogs", "Delete lines of a gateway's log", _LOGS, method="delete", query=f"{_FILTERS} limit"),
        *twice("retrieveLog", "Show a line of a gateway's log", f"{_LOGS}/{{log}}"),
        *twice("judgeLog", "Judge a line of a gateway's log", f"{_LOGS}/{{log}}", method="patch", body=_JUDGEMENT),
        *twice("logRequest", "Show the request of a line of a gateway's log", f"{_LOGS}/{{log}}/request"),
        *twice("logResponse", "Show the answer of a line of a gateway's log", f"{_LOGS}/{{log}}/response"),
    )  # fmt: skip


def _query(name: str) -> dict[str, Any]:
    schema, text = _QUERY[name]
    return {"name": name.partition("_of_")[0], "in": "query", "description": text, "schema": schema}


def _number(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


_MODELS = "search author task page per_page_of_models"
_TEXTS = {
    "listCloudflareModelNames": "Only where the configuration says `cloudflare.models_list`: the vendor has none.",
    "deleteLogs": "Deletes the lines that the filters choose, the oldest first.",
    "gatewayUrl": "`universal` as the provider gives the address of universal requests.",
}
_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "string", "enum": ["true", "false"]}
_REAL: dict[str, Any] = {"type": "number"}
_NUMBERS = ("cost", "duration", "tokens_in", "tokens_out")
_QUERY: dict[str, tuple[dict[str, Any], str]] = {
    "search": (_TEXT, "A part of the name."),
    "author": (_TEXT, "The maker."),
    "task": (_TEXT, "What the models do."),
    "model": (_TEXT, "A model's name."),
    "page": (_number(1, 10**6), "Which page."),
    "per_page_of_models": (_number(1, 1000), "How many a page holds, 20 unless it says otherwise."),
    "per_page": (_number(1, 100), "How many a page holds, 20 unless it says otherwise."),
    "limit": (_number(1, 10_000), "How many lines at most."),
    "meta_info": (_TEXT, "Tolerated."),
    "success": (_FLAG, "Lines of requests that succeeded, or that did not."),
    "cached": (_FLAG, "Lines of answers from the cache, or not."),
    "event_id": (_TEXT, "Lines with this id of the caller's."),
    "feedback": (_REAL, "Lines that were judged so."),
    "start_date": (_TEXT, "Lines from then on: a date, or a date and time, as ISO 8601 has them."),
    "end_date": (_TEXT, "Lines until then."),
    "order_by": ({"type": "string", "enum": ["created_at", *_NUMBERS]}, "By what they are ordered."),
    "order_by_direction": ({"type": "string", "enum": ["asc", "desc"]}, "In which direction."),
    "direction": ({"type": "string", "enum": ["asc", "desc"]}, "The same."),
    **{f"min_{name}": (_REAL, f"Lines with this {name} or more.") for name in _NUMBERS},
    **{f"max_{name}": (_REAL, f"Lines with this {name} or less.") for name in _NUMBERS},
}
_FILTERS = " ".join(
    (
        "success cached model event_id feedback start_date end_date order_by order_by_direction direction",
        *(f"{end}_{name}" for end in ("min", "max") for name in _NUMBERS),
    )
)
_JUDGEMENT: dict[str, Any] = {
    "title": "Judgement",
    "type": "object",
    "properties": {
        "score": {"type": ["number", "null"], "description": "A score of your own; null takes it back."},
        "feedback": {
            "type": ["number", "null"],
            "minimum": -1,
            "maximum": 1,
            "description": "-1 is bad, 1 is good; null takes it back.",
        },
        "metadata": {"type": "object", "description": "Up to five texts, numbers and booleans."},
    },
}
_OFF: dict[str, Any] = {"405": {"description": "The configuration does not say `cloudflare.models_list`."}}
