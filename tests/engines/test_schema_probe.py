"""The trial of schemas: each once, its result remembered, also where it ends the engine."""

from __future__ import annotations

import msgspec
import pytest

from maxserve.chat import EngineCrashed, Unsupported
from maxserve.engines import schema_probe as trial
from maxserve.engines.schema_probe import MARK, SchemaProbe
from maxserve.http.client import Response


class Script:
    """Answers trials in order; `asked` are the bodies."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []

    async def __call__(self, body: bytes) -> Response:
        self.asked.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def said(content: str) -> Response:
    return Response(200, {}, msgspec.json.encode({"content": content}))


@pytest.mark.parametrize("content", [MARK, MARK[0]])
async def test_a_good_schema_is_tried_once(content: str) -> None:
    script = Script(said(content))
    tried = SchemaProbe(script)
    for _ in range(3):
        await tried.check({"type": "object"})
    assert len(script.asked) == 1
    assert "whitespace_flexible" in msgspec.json.decode(script.asked[0])["grammar"]


@pytest.mark.parametrize("content", ["", "{", "x\x02"])
async def test_a_bad_one_is_refused_for_good(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "LOG_DELAY_S", 0)
    script = Script(said(content))
    tried = SchemaProbe(script)
    for _ in range(2):
        with pytest.raises(Unsupported, match="cannot be compiled"):
            await tried.check({"type": "x"})
    assert len(script.asked) == 1


async def test_the_log_s_reason_is_passed_on() -> None:
    tried = SchemaProbe(Script(said("no")))

    class Heard(Script):
        async def __call__(self, body: bytes) -> Response:
            tried.hear("0.01 E llg error: at 2(8): Invalid type: x")
            return said("no")

    tried._ask = Heard()
    with pytest.raises(Unsupported, match="Invalid type: x"):
        await tried.check({"type": "x"})


async def test_a_schema_that_ends_the_engine_is_not_asked_for_again() -> None:
    script = Script(EngineCrashed("gone"), EngineCrashed("gone"))
    tried = SchemaProbe(script)
    for _ in range(2):
        with pytest.raises(Unsupported, match="the engine ends"):
            await tried.check({"type": "x"})
    assert len(script.asked) == 2
    lucky = SchemaProbe(Script(EngineCrashed("another's fault"), said(MARK)))
    await lucky.check({"type": "x"})


async def test_too_deep_and_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"not": deep}
    with pytest.raises(Unsupported, match="too deeply"):
        await SchemaProbe(Script()).check(deep)
    while deep:
        deep = deep.pop("not")  # type: ignore[assignment]
    monkeypatch.setattr(trial, "KEPT", 2)
    script = Script(*[said(MARK)] * 4)
    tried = SchemaProbe(script)
    for number in (1, 2, 3, 1):
        await tried.check({"const": number})
    assert len(script.asked) == 4
