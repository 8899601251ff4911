"""Lists of models, in the form of each API."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..apis import wire_models as form
from ..apis.adapter import ApiAdapter
from ..apis.runware import wire_chat_response as runware
from ..chat import Error, InvalidRequest, NotFound
from ..config import Config
from .answer import AnswerForm, any_of
from .faults import UNAUTHORIZED, UNKNOWN_MODEL, fault_responses
from .forms import Forms
from .headers import answer_headers
from .operation import Operation, Part, path_parameter
from .schema import Schemas


class _Listing(NamedTuple):
    """How one API lists models; `gone` are its errors for a name that nobody knows."""

    title: str
    adapter: ApiAdapter
    error: dict[str, Any]
    all: dict[str, Any]
    one: dict[str, Any]
    gone: tuple[Error, ...] = UNKNOWN_MODEL


def models_part(config: Config, schemas: Schemas, forms: Forms, anthropic: AnswerForm) -> Part:
    """Return the part."""
    plain = schemas.add(form.ModelList, "Model"), schemas.add(form.Model, "Model")
    gone = tuple(NotFound(error.message, param=error.param) for error in UNKNOWN_MODEL)
    listings = {
        "openai": _Listing("OpenAI", forms["openai"].adapter, forms["openai"].error, *plain),
        "minimax": _Listing("MiniMax", forms["minimax"].adapter, forms["minimax"].error, *plain, gone),
        "cloudsway": _Listing(
            "Cloudsway",
            forms["cloudsway"].adapter,
            forms["cloudsway"].error,
            schemas.add(form.CloudswayModelList, ""),
            schemas.add(form.CloudswayModel, ""),
        ),
        "runware": _Listing(
            "Runware",
            forms["runware"].adapter,
            forms["runware"].error,
            {"title": "RunwareModelList", "type": "array", "items": schemas.add(runware.RunwareModel, "Runware")},
            schemas.add(runware.RunwareModel, "Runware"),
        ),
        "anthropic": _Listing(
            "Anthropic",
            anthropic.adapter,
            anthropic.error,
            schemas.add(form.AnthropicModelPage, ""),
            schemas.add(form.AnthropicModel, ""),
        ),
    }
    flavour = "openai" if config.chat.flavour == "model" else config.chat.flavour
    shared = list(dict.fromkeys([flavour, *config.access_keys().flavours(), "anthropic"]))
    operations = list(_operations("/v1/models", "", [listings[name] for name in shared]))
    for name, listing in listings.items():
        operations += _operations(f"/{name}/v1/models", listing.title, [listing])
    return Part(name="Models", text="The names that requests may ask for.", operations=tuple(operations))


def _operations(path: str, title: str, listings: list[_Listing]) -> tuple[Operation, Operation]:
    paged = any(listing.title == "Anthropic" for listing in listings)
    paths = (path, "/minimax/anthropic/v1/models") if title == "Anthropic" else (path,)
    whose = f" in {title}'s form" if title else ""
    version = () if title else (_VERSION,)
    return (
        Operation(
            id=f"list{title}Models",
            method="get",
            paths=paths,
            summary=f"List the models{whose}",
            text="Lists every name of every model. Clients of Anthropic's API get its own form, page by page."
            if not title
            else f"Lists the models as {title} does.",
            parameters=(*version, *(_paging(strict=bool(title)) if paged else ())),
            responses=_responses(
                "The list.",
                [(listing, listing.all) for listing in listings],
                {
                    listing.title: (*UNAUTHORIZED, *(_WRONG_PAGE if listing.title == "Anthropic" else ()))
                    for listing in listings
                },
            ),
        ),
        Operation(
            id=f"retrieve{title}Model",
            method="get",
            paths=tuple(f"{one}/{{model}}" for one in paths),
            summary=f"Look a model up{whose}",
            text="Finds a model by any of its names.",
            parameters=(
                path_parameter("model", "Its name; `/`, `:` and `@` plain or percent-encoded.", "minimax/m2.7"),
                *version,
            ),
            responses=_responses(
                "The model.",
                [(listing, listing.one) for listing in listings],
                {listing.title: (*UNAUTHORIZED, *listing.gone) for listing in listings},
            ),
        ),
    )


def _responses(
    text: str, bodies: list[tuple[_Listing, dict[str, Any]]], errors: dict[str, tuple[Error, ...]]
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for listing, _ in bodies:
        headers |= answer_headers(listing.adapter)
    content = {"application/json": {"schema": any_of(schema for _, schema in bodies)}}
    found: dict[str, Any] = {"200": {"description": text, "headers": headers, "content": content}}
    faults = [((listing.adapter, listing.error), errors[listing.title]) for listing, _ in bodies]
    return found | fault_responses(faults)


_WRONG_PAGE = (InvalidRequest("limit must be a whole number from 1 to 1000, not '0'.", param="limit"),)
_VERSION: dict[str, Any] = {
    "name": "anthropic-version",
    "in": "header",
    "description": "Sent by clients of Anthropic's API; the answer takes its form.",
    "schema": {"type": "string"},
}


def _paging(*, strict: bool) -> tuple[dict[str, Any], ...]:
    """The parameters of Anthropic's lists; where other forms share the path, these ignore them whatever they hold."""
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 20} if strict else {"type": "string"}
    only = "" if strict else "; in Anthropic's form only"
    told = (
        ("limit", "How many models a page holds, 20 unless it says otherwise", limit),
        ("after_id", "Begin after this model", {"type": "string"}),
        ("before_id", "End before this model", {"type": "string"}),
    )
    return tuple(
        {"name": name, "in": "query", "description": f"{text}{only}.", "schema": schema} for name, text, schema in told
    )
