"""What a request asks of its gateway, by header and by the binding's options."""

from __future__ import annotations

from typing import Any

import pytest

from maxserve.apis.adapter import RequestContext
from maxserve.apis.cloudflare.decode_errors import UnknownGateway
from maxserve.apis.cloudflare.model_location import gateway_of
from maxserve.apis.cloudflare.options import from_binding, from_headers
from maxserve.apis.cloudflare.wire import GatewayOptions, Retries
from maxserve.chat import InvalidRequest
from maxserve.gateway import CustomCost, GatewaySettings, Options


def context(path: dict[str, str] | None = None, **headers: str) -> RequestContext:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return RequestContext("0" * 24, 0, path or {}, sent)


def test_every_header() -> None:
    options = from_headers(
        context(
            cf_aig_skip_cache="TRUE",
            cf_aig_cache_ttl="60",
            cf_aig_cache_key=" mine ",
            cf_aig_metadata='{"team":"größe"}',
            cf_aig_collect_log="false",
            cf_aig_collect_log_payload="false",
            cf_aig_request_timeout="1500",
            cf_aig_max_attempts="5",
            cf_aig_retry_delay="250",
            cf_aig_backoff="linear",
            cf_aig_custom_cost='{"per_token_in":0.5,"per_token_out":1}',
            cf_aig_event_id="e-1",
        )
    )
    assert options == Options(
        skip_cache=True,
        cache_ttl_s=60,
        cache_key="mine",
        metadata={"team": "größe"},
        collect_log=False,
        log_payload=False,
        first_byte_timeout_s=1.5,
        max_attempts=5,
        retry_delay_s=0.25,
        retry_backoff="linear",
        custom_cost=CustomCost(0.5, 1),
        event_id="e-1",
    )
    assert from_headers(context()) == Options()


def test_older_names_are_still_heard_and_newer_ones_win() -> None:
    old = from_headers(context(cf_skip_cache="true", cf_cache_ttl="90"))
    assert (old.skip_cache, old.cache_ttl_s) == (True, 90)
    assert from_headers(context(cf_cache_ttl="90", cf_aig_cache_ttl="120")).cache_ttl_s == 120


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("cf_aig_skip_cache", "1"),
        ("cf_aig_cache_ttl", "59.9"),
        ("cf_aig_cache_ttl", "2678401"),
        ("cf_aig_cache_key", " "),
        ("cf_aig_metadata", "team=x"),
        ("cf_aig_metadata", "[1]"),
        ("cf_aig_request_timeout", "0"),
        ("cf_aig_max_attempts", "6"),
        ("cf_aig_max_attempts", "0"),
        ("cf_aig_max_attempts", "²"),
        ("cf_aig_max_attempts", "9" * 5000),
        ("cf_aig_retry_delay", "5001"),
        ("cf_aig_backoff", "random"),
        ("cf_aig_custom_cost", '{"total_cost":-1}'),
        ("cf_aig_custom_cost", "7"),
        ("cf_aig_event_id", "e" * 129),
    ],
)
def test_what_cannot_be_is_refused_by_name(header: str, value: str) -> None:
    name = header.replace("_", "-")
    with pytest.raises(InvalidRequest, match=name) as caught:
        from_headers(context(**{header: value}))
    assert caught.value.param == name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('{"a":1,"b":"x","c":true,"d":null,"e":0.5,"f":6,"g":7}', {"a": 1, "b": "x", "c": True, "d": None, "e": 0.5}),
        ('{"a":1,"b":{"c":2}}', {}),
        ('{"a":1,"b":[]}', {}),
        ("{}", {}),
        ('{"big":36893488147419103232}', {"big": "36893488147419103232"}),
    ],
)
def test_metadata_has_five_flat_entries_at_most(sent: str, kept: dict[str, Any]) -> None:
    assert from_headers(context(cf_aig_metadata=sent)).metadata == kept


def test_the_bindings_options_and_its_headers_where_they_are_silent() -> None:
    asked = GatewayOptions(
        id="g",
        skip_cache=False,
        cache_ttl=3600,
        cache_key="k",
        metadata={"n": 1},
        collect_log=True,
        event_id="e",
        request_timeout_ms=10,
        retries=Retries(2, 100, "constant"),
    )
    sent = context(cf_aig_skip_cache="true", cf_aig_event_id="other", cf_aig_custom_cost='{"total_cost":1}')
    assert from_binding(asked, sent) == Options(
        skip_cache=False,
        cache_ttl_s=3600,
        cache_key="k",
        metadata={"n": 1},
        collect_log=True,
        event_id="e",
        first_byte_timeout_s=0.01,
        max_attempts=2,
        retry_delay_s=0.1,
        retry_backoff="constant",
        custom_cost=CustomCost(total=1),
    )
    assert from_binding(None, sent).event_id == "other"
    for wrong in (
        GatewayOptions(cache_ttl=5), GatewayOptions(retries=Retries(max_attempts=9)), GatewayOptions(event_id="a\nb"),
        GatewayOptions(request_timeout_ms=0), GatewayOptions(retries=Retries(backoff="no")),
    ):  # fmt: skip
        with pytest.raises(InvalidRequest):
            from_binding(wrong, context())


def test_a_request_goes_before_its_gateway() -> None:
    settings = GatewaySettings(cache_ttl_s=100, max_attempts=3, rate_limit=5)
    merged = Options(cache_ttl_s=0, max_attempts=1, collect_log=False).over(settings)
    assert (merged.cache_ttl_s, merged.max_attempts, merged.collect_logs, merged.rate_limit) == (0, 1, False, 5)
    assert Options(cache_key="k").over(GatewaySettings()).cache_ttl_s == 300, "a key alone keeps for five minutes"
    assert Options(cache_key="k").over(settings).cache_ttl_s == 100


def test_which_gateway() -> None:
    assert gateway_of(context()) == "default"
    assert gateway_of(context(cf_aig_gateway_id="mine")) == "mine"
    assert gateway_of(context({"gateway": "paths"}, cf_aig_gateway_id="mine")) == "paths"
    for name in ("g" * 65, "a b", "a/b", "ä", "a\n"):
        with pytest.raises(UnknownGateway):
            gateway_of(context({"gateway": name}))
