"""Each API lists models in its own form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from maxserve.apis.adapter import ModelList
from maxserve.apis.anthropic.models import AnthropicModels
from maxserve.apis.cloudsway import CloudswayModels
from maxserve.apis.minimax.models import MinimaxModels
from maxserve.apis.openai_chat import OpenAIModels
from maxserve.apis.runware import RunwareModels
from maxserve.catalogue import Catalogue
from maxserve.chat import InvalidRequest, NotFound, UnknownModel

CATALOGUE = Catalogue.load()
OWN = [model.name for model in CATALOGUE.models]
ANTHROPIC = AnthropicModels(CATALOGUE)


def listed(form: ModelList, **query: str) -> Any:
    return json.loads(form.all({name: [value] for name, value in query.items()}))


def ids(page: Any) -> list[str]:
    return [model["id"] for model in page["data"]]


def test_openai_lists_every_spelling() -> None:
    page = listed(OpenAIModels(CATALOGUE))
    assert list(page) == ["object", "data"]
    assert ids(page) == [name for name, _ in CATALOGUE.names]
    assert {tuple(model) for model in page["data"]} == {("id", "object", "created", "owned_by")}


def test_minimax_lists_its_own_names() -> None:
    page = listed(MinimaxModels(CATALOGUE))
    assert ids(page) == [name for name in OWN if name.startswith("MiniMax-")]
    assert page["data"][0] == {
        "id": "MiniMax-M2.7",
        "object": "model",
        "created": 1773799200,
        "owned_by": "minimax",
    }
    assert {tuple(model) for model in page["data"]} == {("id", "object", "created", "owned_by")}


@pytest.mark.parametrize("form", [OpenAIModels, MinimaxModels, CloudswayModels, AnthropicModels, RunwareModels])
def test_one_model_by_any_of_its_names(form: Any) -> None:
    for name in ("MiniMax-M2.7", "minimax/m2.7", "minimax:m2.7@0", "MaaS_MiniMax_M2.5/2.7"):
        assert json.loads(form(CATALOGUE).one(name))["id"] == name
    with pytest.raises((NotFound, UnknownModel), match=r"'MiniMax-M2\.77' does not exist\. Did you mean MiniMax-M2"):
        form(CATALOGUE).one("MiniMax-M2.77")


def test_anthropic_s_fields() -> None:
    page = listed(ANTHROPIC)
    assert list(page) == ["data", "has_more", "first_id", "last_id"]
    assert (ids(page), page["has_more"]) == (OWN, False)
    assert (page["first_id"], page["last_id"]) == (OWN[0], OWN[-1])
    first = page["data"][0]
    assert (first["type"], first["display_name"], first["created_at"], first["lifecycle"]) == (
        "model", "MiniMax-M2.7", "2026-03-18T02:00:00Z", "active",
    )  # fmt: skip
    assert (first["max_input_tokens"], first["max_tokens"]) == (204_800, 204_800)


def test_anthropic_s_pages_forwards() -> None:
    seen: list[str] = []
    page = listed(ANTHROPIC, limit="3")
    while True:
        seen += ids(page)
        assert (page["first_id"], page["last_id"]) == (ids(page)[0], ids(page)[-1])
        if not page["has_more"]:
            break
        page = listed(ANTHROPIC, limit="3", after_id=page["last_id"])
    assert seen == OWN


def test_anthropic_s_pages_backwards() -> None:
    page = listed(ANTHROPIC, limit="3", before_id=OWN[4])
    assert (ids(page), page["has_more"]) == (OWN[1:4], True)
    page = listed(ANTHROPIC, limit="3", before_id=OWN[1])
    assert (ids(page), page["has_more"]) == (OWN[:1], False)


def test_a_page_may_be_empty() -> None:
    empty = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert listed(ANTHROPIC, after_id=OWN[-1]) == empty
    assert listed(ANTHROPIC, before_id=OWN[0]) == empty
    assert listed(ANTHROPIC, **{"lifecycle[]": "retired"}) == empty


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"after_id": "gpt-9"}, "after_id"),
        ({"before_id": "gpt-9"}, "before_id"),
    ],
)
def test_a_page_that_cannot_be(query: dict[str, str], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        listed(ANTHROPIC, **query)
    assert caught.value.param == param
