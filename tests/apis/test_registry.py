"""The one list of APIs, and what is computed from it."""

from __future__ import annotations

import pytest

from maxserve.apis.api import ApiOptions
from maxserve.apis.registry import APIS, FLAVOURS, error_path_of, flavour_of
from maxserve.config.kind import allowed
from maxserve.config.settings import ChatSettings, KeySettings


def test_names_and_paths_are_registered_once() -> None:
    names = [api.name for api in APIS]
    assert len(set(names)) == len(names)
    paths = [path for api in APIS for path in api.adapters(ApiOptions(signing_secret=b"x"))]
    assert len(set(paths)) == len(paths)


def test_every_flavour_has_an_adapter_and_a_list_of_models() -> None:
    for api in APIS:
        adapters = api.adapters(ApiOptions(signing_secret=b"x"))
        assert api.chat_path is None or api.chat_path in adapters
        assert api.models is None or api.error_path in adapters


def test_configuration_allows_exactly_the_registered_flavours() -> None:
    annotations = KeySettings.__annotations__, ChatSettings.__annotations__
    assert all("Flavour" in str(each["flavour"]) for each in annotations)
    from maxserve.config import settings

    assert allowed(settings.Flavour) == "one of " + ", ".join(sorted(FLAVOURS))
    assert allowed(settings.ChatFlavour) == "one of " + ", ".join(sorted(("model", *FLAVOURS)))


@pytest.mark.parametrize(
    ("model", "flavour"),
    [
        (None, "openai"),
        ("minimax/m2.7", "openai"),
        ("MiniMax-M2.7", "minimax"),
        ("MaaS_Minimax_M2.7_20260318", "cloudsway"),
        ("minimax:m2.7@0", "runware"),
        ("minimax-m2-7", "runware"),
        ("minimax-m2.7", "openai"),
    ],
)
def test_spelling_of_a_model_picks_the_flavour(model: str | None, flavour: str) -> None:
    assert flavour_of(model) == flavour


@pytest.mark.parametrize(
    ("path", "resembled"),
    [
        ("/minimax/anthropic/v1/x", "/minimax/anthropic/v1/messages"),
        ("/minimax/v1/text/x", "/minimax/v1/text/chatcompletion_v2"),
        ("/minimax/x", "/minimax/v1/chat/completions"),
        ("/runware/x", "/runware"),
        ("/run", "/run"),
        ("/ai-gateway/x", "/run"),
        ("/ai-gateway/gateways/x", "/client/v4/accounts/{account}/ai/v1/chat/completions"),
        ("/elsewhere", None),
    ],
)
def test_longest_known_beginning_decides_an_unknown_path(path: str, resembled: str | None) -> None:
    assert error_path_of(path) == resembled
