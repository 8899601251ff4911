"""Errors in Cloudflare's forms, from one table (docs/wire/cloudflare.md §3.1, §4, §5).

Three forms: the v4 envelope of `api.cloudflare.com`, which differs between what stands in front of inference and
inference itself; the gateway host's object, whose `error` is a list; and the same object for the binding. Where the
vendor gives no code for a server's fault, the nearest of Workers AI's own stand here: 3040 out of capacity, 3007 time
out, 3043 internal, 5021 context window, 3006 body too large.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from ...chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    MethodNotAllowed,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Sensitive,
    SensitiveAnswer,
    SensitivePrompt,
    SpendLimited,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
)
from ..adapter import RequestContext
from ..openai_chat.errors import error_body
from .decode_errors import BadFormat, InvalidProvider, UnknownGateway, schema_message

_encode = msgspec.json.Encoder().encode


AUTHENTICATION = "Authentication error"
_FIXED = {10000, 2001, 2003, 2008, 2009, 2019}
"""Codes whose message is always their description: clients compare it."""
_UNFIT_HEADERS = {
    "code": 6003,
    "message": "Invalid request headers",
    "error_chain": [{"code": 6111, "message": "Invalid format for Authorization header"}],
}


_DETAILED = {7003, 2001, 2008, 2019}
"""Codes whose description says what was wrong with this very request."""


class Place(NamedTuple):
    """How one class of errors is told: status, code, a short description, and whether the front end answers it."""

    status: int
    code: int
    description: str
    front: bool = False


_TABLE: tuple[tuple[type[Error], Place], ...] = (
    (Unauthorized, Place(401, 10000, AUTHENTICATION, front=True)),
    (Forbidden, Place(403, 10000, AUTHENTICATION, front=True)),
    (UnknownModel, Place(404, 7003, "Model not found")),
    (NotFound, Place(404, 7003, "Could not route", front=True)),
    (MethodNotAllowed, Place(405, 7001, "Method not supported", front=True)),
    (SpendLimited, Place(429, 2041, "Spend limit exceeded")),
    (RateLimited, Place(429, 2003, "Rate limited")),
    (ContextOverflow, Place(413, 5021, "Context window exceeded")),
    (UnknownGateway, Place(400, 2001, "Please configure AI Gateway in the Cloudflare dashboard")),
    (InvalidProvider, Place(400, 2008, "Invalid provider")),
    (BadFormat, Place(400, 2019, "Chat completion bad format")),
    (BodyTooLarge, Place(413, 3006, "Request too large", front=True)),
    (SensitivePrompt, Place(424, 2016, "Prompt blocked")),
    (SensitiveAnswer, Place(424, 2017, "Response blocked")),
    (RequestError, Place(400, 7003, "User Input Error")),
    (Overloaded, Place(503, 3040, "Out of capacity")),
    (EngineTimeout, Place(504, 3007, "Timeout")),
    (StorageUnavailable, Place(503, 3040, "Out of capacity")),
    (EngineUnavailable, Place(503, 3040, "Out of capacity")),
    (ModerationUnavailable, Place(503, 7013, "Content scanner unavailable")),
    (EngineError, Place(502, 2005, "Provider request failed")),
    (Error, Place(500, 3043, "Internal server error")),
)

_UNAUTHORIZED = Place(401, 2009, "Unauthorized")
"""A key that is not known and one that is another account's: the gateway host tells no difference."""


def v4_body(error: Error, context: RequestContext) -> tuple[int, bytes]:
    """Return status and body as `api.cloudflare.com` answers: the front end and inference differ in their envelopes."""
    place = _place(error)
    message = _message(error, place)
    if isinstance(error, Unauthorized) and _misspelt(context):
        return 400, _encode({"result": None, "success": False, "errors": [_UNFIT_HEADERS], "messages": []})
    if place.front:
        fault = {"code": place.code, "message": message}
        return place.status, _encode({"result": None, "success": False, "errors": [fault], "messages": []})
    fault = {"message": message, "code": place.code}
    return place.status, _encode({"errors": [fault], "success": False, "result": {}, "messages": []})


def run_body(error: Error, context: RequestContext) -> tuple[int, bytes]:
    """Return the v4 envelope as `/ai/run` answers: what is blocked is 422 with 2017 there, prompt and answer
    (docs/wire/cloudflare.md §5.2).
    """
    status, body = v4_body(error, context)
    if not isinstance(error, Sensitive):
        return status, body
    fault = {"message": error.message, "code": 2017}
    return 422, _encode({"errors": [fault], "success": False, "result": {}, "messages": []})


def openai_body(error: Error, context: RequestContext) -> tuple[int, bytes]:
    """Return the v4 envelope with OpenAI's `error` object at its end, for the paths that OpenAI's clients ask.

    The vendor sends the envelope alone, of which these clients show "status code (no body)": they know what was wrong
    only by `error` (docs/wire/cloudflare.md §10, §12).
    """
    status, body = v4_body(error, context)
    return status, beside(body, error_body(error)[1])


def beside(body: bytes, other: bytes) -> bytes:
    """Return two JSON objects as one."""
    return body[:-1] + b"," + other[1:]


def gateway_body(error: Error, context: RequestContext) -> tuple[int, bytes]:
    """Return status and body as the gateway host and the binding answer.

    The binding's client throws `internalCode: description` and drops the rest, so the description here names the field
    at fault, where the vendor's is the same for every request ("7003: User Input Error").
    """
    place = _UNAUTHORIZED if isinstance(error, Unauthorized | Forbidden) else _place(error)
    message = _message(error, place)
    description = place.description
    if isinstance(error, RequestError) and place.code in _DETAILED:
        said = error.message.startswith(description)
        description = error.message if said else f"{description}: {schema_message(error)}"
    body = {
        "success": False,
        "result": [],
        "messages": [],
        "error": [{"code": place.code, "message": message}],
        "name": "AiGatewayError",
        "httpCode": place.status,
        "internalCode": place.code,
        "message": message,
        "description": description,
        "requestId": _uuid(context),
    }
    return place.status, _encode(body)


def _place(error: Error) -> Place:
    return next(place for kind, place in _TABLE if isinstance(error, kind))


def _message(error: Error, place: Place) -> str:
    if place.code in _FIXED:
        return place.description
    if place.description == "User Input Error":
        return f"Model execution failed (User Input Error): {schema_message(error)}"
    return error.message


def _misspelt(context: RequestContext) -> bool:
    """Whether there is an Authorization header that is none (docs/wire/cloudflare.md §4)."""
    given = context.header(b"authorization")
    if given is None:
        return False
    scheme, _, token = given.partition(" ")
    return scheme.lower() != "bearer" or not token.strip()


def _uuid(context: RequestContext) -> str:
    """The request's own id in the form of a UUID (version 8: the digits are ours)."""
    digits = f"{context.created & 0xFFFFFFFF:08x}{context.id}"
    digits = f"{digits[:12]}8{digits[13:16]}8{digits[17:]}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
