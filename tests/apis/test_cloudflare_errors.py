"""Errors in Cloudflare's forms: every class in each of them, and the words that clients match to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from maxserve import chat
from maxserve.apis.adapter import RequestContext
from maxserve.apis.cloudflare import gateway_body, openai_body, v4_body
from maxserve.apis.cloudflare.decode_errors import BadFormat, InvalidProvider, UnknownGateway
from maxserve.chat import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
    EngineTimeout,
    Error,
    Forbidden,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    SpendLimited,
    Unauthorized,
    UnknownModel,
    Unsupported,
)

ARRIVAL = RequestContext("0123456789abcdef01234567", 1_795_230_000)
USER = "Model execution failed (User Input Error): "
SPENT = "Spend limit exceeded: rule 'day' (cost limit 1 per 60s, fixed) for minimax MiniMax-M3"


def v4(code: int, message: str, front: bool = False) -> str:
    if front:
        return json.dumps(
            {"result": None, "success": False, "errors": [{"code": code, "message": message}], "messages": []}
        )
    return json.dumps({"errors": [{"message": message, "code": code}], "success": False, "result": {}, "messages": []})


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (Unauthorized("No key."), 401, v4(10000, "Authentication error", front=True)),
        (Forbidden("Not yours."), 403, v4(10000, "Authentication error", front=True)),
        (NotFound("Could not route to /x, perhaps …"), 404, v4(7003, "Could not route to /x, perhaps …", front=True)),
        (MethodNotAllowed("GET not supported."), 405, v4(7001, "GET not supported.", front=True)),
        (UnknownModel("Model not found: minimax/m9"), 404, v4(7003, "Model not found: minimax/m9")),
        (InvalidRequest("too big", param="n"), 400, v4(7003, f"{USER}Invalid value at n: too big")),
        (Unsupported("no audio"), 400, v4(7003, f"{USER}no audio")),
        (UnknownGateway("none"), 400, v4(2001, "Please configure AI Gateway in the Cloudflare dashboard")),
        (InvalidProvider("openai"), 400, v4(2008, "Invalid provider")),
        (BadFormat("gpt"), 400, v4(2019, "Chat completion bad format")),
        (RateLimited("Too many.", retry_after=3), 429, v4(2003, "Rate limited")),
        (SpendLimited(SPENT, rule="day"), 429, v4(2041, SPENT)),
        (ContextOverflow("Too long."), 413, v4(5021, "Too long.")),
        (BodyTooLarge("Too large."), 413, v4(3006, "Too large.", front=True)),
        (Overloaded("Busy."), 503, v4(3040, "Busy.")),
        (EngineTimeout("Late."), 504, v4(3007, "Late.")),
        (EngineCrashed("Ended."), 502, v4(2005, "Ended.")),
        (Error("A fault."), 500, v4(3043, "A fault.")),
    ],
)
def test_the_v4_envelope_to_the_byte(error: Error, status: int, body: str) -> None:
    told, answer = v4_body(error, ARRIVAL)
    assert (told, answer.decode()) == (status, json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")))


def test_the_gateways_form_to_the_byte() -> None:
    status, body = gateway_body(RateLimited("Too many.", retry_after=3), ARRIVAL)
    uuid = re.search(rb'"requestId":"([^"]+)"', body)
    assert uuid is not None
    assert re.fullmatch(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid[1])
    assert status == 429
    assert body.replace(uuid[1], b"ID") == (
        b'{"success":false,"result":[],"messages":[],"error":[{"code":2003,"message":"Rate limited"}],'
        b'"name":"AiGatewayError","httpCode":429,"internalCode":2003,"message":"Rate limited",'
        b'"description":"Rate limited","requestId":"ID"}'
    )


@pytest.mark.parametrize("error", [Unauthorized("No key."), Forbidden("Not yours.")])
def test_the_gateway_host_knows_one_answer_to_wrong_keys(error: Error) -> None:
    status, body = gateway_body(error, ARRIVAL)
    told = json.loads(body)
    assert (status, told["internalCode"], told["message"], told["description"]) == (
        401, 2009, "Unauthorized", "Unauthorized",
    )  # fmt: skip


def test_the_binding_learns_which_field_it_was() -> None:
    told = json.loads(gateway_body(InvalidRequest("too big", param="n"), ARRIVAL)[1])
    assert told["message"] == f"{USER}Invalid value at n: too big"
    assert f"{told['internalCode']}: {told['description']}" == "7003: User Input Error: Invalid value at n: too big"


@pytest.mark.parametrize("value", ["Basic eA==", "Bearer", "Bearer ", "token"])
def test_a_header_that_is_none(value: str) -> None:
    context = RequestContext("0" * 24, 0, headers=[(b"authorization", value.encode())])
    status, body = v4_body(Unauthorized("No key."), context)
    (fault,) = json.loads(body)["errors"]
    assert (status, fault["code"], fault["message"]) == (400, 6003, "Invalid request headers")
    assert fault["error_chain"] == [{"code": 6111, "message": "Invalid format for Authorization header"}]


def classes() -> Iterator[type[Error]]:
    for value in vars(chat).values():
        if isinstance(value, type) and issubclass(value, Error):
            yield value


@pytest.mark.parametrize("kind", list(classes()))
def test_a_servers_fault_never_looks_like_the_clients(kind: type[Error]) -> None:
    for form in (v4_body, gateway_body):
        status, body = form(kind("What happened."), ARRIVAL)
        assert (400 <= status < 500) is issubclass(kind, RequestError)
        assert json.loads(body)["success"] is False


def test_openais_clients_find_what_they_look_for_after_what_the_vendor_sends() -> None:
    error = InvalidRequest("must be at most 16", param="n")
    status, body = openai_body(error, ARRIVAL)
    assert body.startswith(v4_body(error, ARRIVAL)[1][:-1] + b',"error":{"message":"')
    told = json.loads(body)["error"]
    assert (status, told["message"], told["param"]) == (400, "must be at most 16", "n")
