"""The embedded engine's own: what it says of itself, rounds, progress, schemas that cannot be held, privacy."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from maxserve.chat import EngineUnavailable, InvalidRequest, Schema, Unsupported
from maxserve.engines import EmbeddedSettings, OpenAIHttpSettings
from maxserve.engines.checkpoints import Checkpoint
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.engines.openai_http import OpenAIHttpEngine
from maxserve.http.client import Client

from .work import BATCH, CONTEXT, LONG, completion, demo, gone, run

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_info(m2: EmbeddedEngine, m3: EmbeddedEngine) -> None:
    assert m2.state == "ready"
    assert (m2.info.checkpoint, m2.info.architecture, m2.info.demo) == ("demo-m2", "minimax-m2", True)
    assert (m2.info.context, m2.info.parallel, m2.info.sparse) == (CONTEXT, 4, None)
    assert (m3.info.architecture, m3.info.parallel, m3.info.sparse) == ("minimax-m3", 2, True)
    assert m3.info.template is not None
    assert "]<]minimax[>[" in m3.info.template


async def test_tokens_become_the_text_they_stand_for(m2: EmbeddedEngine) -> None:
    assert m2.place is not None
    text = "]~b]user\nHello wörld <think> 😀"
    client = Client(m2.place.address, headers={"authorization": f"Bearer {m2.place.key}"})
    body = json.dumps({"content": text, "add_special": False, "parse_special": True}).encode()
    tokens: list[int] = json.loads((await client.request("POST", "/tokenize", body)).body)["tokens"]
    await client.close()
    assert await m2.text(tokens) == text
    assert await m2.count(text) == len(tokens)
    assert await m2.text([]) == ""
    with pytest.raises(InvalidRequest, match="not in the model's vocabulary") as caught:
        await m2.text([1, 999_999])
    assert caught.value.param == "prompt"


async def test_more_results_than_places_run_in_rounds(m3: EmbeddedEngine) -> None:
    wish = completion(n=5, max_tokens=4, constraint=LONG, seed=90, temperature=0.7)
    outcome = await run(m3, wish)
    assert len(set(outcome.texts.values())) > 1
    last = await run(m3, completion(max_tokens=4, constraint=LONG, seed=94, temperature=0.7))
    assert outcome.texts[4] == last.text
    assert outcome.ends[4].cached >= outcome.ends[4].prompt - 1


async def test_seeds_in_a_row_go_round_at_the_highest(m2: EmbeddedEngine) -> None:
    highest = 2**31 - 2
    await run(m2, completion(max_tokens=1))  # a prompt that is read afresh has other roundings than one that is known
    outcome = await run(m2, completion(n=2, max_tokens=4, constraint=LONG, seed=highest, temperature=0.7))
    for index, seed in enumerate((highest, 0)):
        alone = await run(m2, completion(max_tokens=4, constraint=LONG, seed=seed, temperature=0.7))
        assert outcome.texts[index] == alone.text


async def test_the_prompt_is_read_once_for_all_results(m2: EmbeddedEngine) -> None:
    prompt = "one prompt for four results. " * 40
    outcome = await run(m2, completion(prompt, n=4, max_tokens=1))
    tokens = outcome.end.prompt
    again = await run(m2, completion(prompt + "x", n=4, max_tokens=1))
    assert {end.cached for end in again.ends.values()} == {again.end.cached}
    assert again.end.cached >= tokens - 8


async def test_progress_of_a_long_prompt(m2: EmbeddedEngine) -> None:
    outcome = await run(m2, completion("progress of a long prompt, " * 80, max_tokens=1))
    total = outcome.end.prompt
    assert total > 3 * BATCH
    assert {piece.total for piece in outcome.progress} == {total}
    done = [piece.done for piece in outcome.progress]
    assert done == sorted(done)
    assert done[-1] == total
    assert len(done) >= total // BATCH


async def test_leaving_while_the_prompt_is_read_stops_the_reading(m2: EmbeddedEngine) -> None:
    prompt = "leaving while the prompt is read. " * 55
    lists = m2.generate(completion(prompt, max_tokens=1, n=4))
    await anext(lists)
    await lists.aclose()
    # Had it gone on, the whole prompt would be in the cache.
    end = (await run(m2, completion(prompt, max_tokens=1))).end
    assert end.prompt > 5 * BATCH
    assert end.cached <= 3 * BATCH


@pytest.mark.parametrize(
    "schema",
    [{"type": "objecto"}, {"type": "string", "pattern": "(?=look)ahead"}, {"$ref": "#/nowhere"}],
    ids=["unknown type", "lookahead", "dead reference"],
)
async def test_a_schema_that_cannot_be_held_is_refused_and_not_ignored(
    m2: EmbeddedEngine, schema: dict[str, str]
) -> None:
    wish = completion(constraint=Schema(schema))
    for _ in range(2):
        with pytest.raises(Unsupported, match="JSON schema"):
            await run(m2, wish)


async def test_penalties_change_what_is_drawn(m2: EmbeddedEngine) -> None:
    plain = await run(m2, completion(temperature=0.0, max_tokens=60, constraint=LONG))
    penalised = await run(m2, completion(temperature=0.0, max_tokens=60, constraint=LONG, frequency_penalty=2.0))
    assert penalised.text != plain.text
    other = await run(m2, completion(temperature=0.0, max_tokens=60, constraint=LONG, repetition_penalty=1.8))
    assert other.text not in (plain.text, penalised.text)


async def test_the_child_is_private(m2: EmbeddedEngine) -> None:
    assert m2.place is not None
    address = m2.place.address
    assert address.socket
    folder = Path(address.socket).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    stranger = Client(address)
    try:
        for path in ("/props", "/slots", "/metrics", "/"):
            assert (await stranger.request("GET", path)).status in (401, 403, 404)
        assert (await stranger.request("POST", "/completion", b'{"prompt": "a"}')).status == 401
    finally:
        await stranger.close()
    assert m2.pid is not None
    for name in ("cmdline", "environ"):
        shown = await asyncio.to_thread(Path(f"/proc/{m2.pid}/{name}").read_text)
        assert m2.place.key not in shown


async def test_closing_ends_the_child_and_removes_its_folder(data: Path) -> None:
    engine = EmbeddedEngine("short", EmbeddedSettings(model="demo-m2", parallel=1, threads=1), data)
    await engine.start()
    pid, place = engine.pid, engine.place
    assert pid is not None
    assert place is not None
    await engine.close()
    await engine.close()
    await gone(pid)
    assert not Path(place.address.socket).parent.exists()
    assert engine.state == "stopped"
    with pytest.raises(EngineUnavailable, match="not running"):
        await run(engine, completion())


async def test_closing_ends_streams_in_flight(data: Path) -> None:
    engine = EmbeddedEngine("short", EmbeddedSettings(model="demo-m2", parallel=1, threads=1), data)
    await engine.start()
    lists = engine.generate(completion(max_tokens=900, constraint=LONG))
    await anext(lists)
    await engine.close()
    with pytest.raises(EngineUnavailable):
        async for _ in lists:
            pass


async def test_context_and_path_settings(data: Path) -> None:
    settings = EmbeddedSettings(model=str(demo("demo-m2")), parallel=2, context=512, threads=1)
    engine = EmbeddedEngine("small", settings, data)
    assert engine.state == "stopped"
    with pytest.raises(EngineUnavailable):
        _ = engine.info
    starting = asyncio.create_task(engine.start())
    await starting
    try:
        assert engine.info.context == 512
        assert (engine.info.checkpoint, engine.info.demo) == ("demo-m2", False)
    finally:
        await engine.close()


async def test_a_file_that_llama_cannot_load_is_a_clear_failure(data: Path) -> None:
    from .gguf_file import gguf

    (data / "empty.gguf").write_bytes(gguf())
    engine = EmbeddedEngine("broken", EmbeddedSettings(model=str(data / "empty.gguf"), threads=1), data)
    with pytest.raises(EngineUnavailable, match="could not start"):
        await engine.start()
    assert engine.state == "failed"
    with pytest.raises(EngineUnavailable, match="could not start"):
        await run(engine, completion())
    await engine.close()


async def test_dense_attention_of_m3_is_reported(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = EmbeddedEngine._config

    def unified(self: EmbeddedEngine, checkpoint: Checkpoint) -> dict[str, Any]:
        return {**original(self, checkpoint), "unified": True}

    monkeypatch.setattr(EmbeddedEngine, "_config", unified)
    engine = EmbeddedEngine("dense", EmbeddedSettings(model="demo-m3", parallel=2, threads=1, context=CONTEXT), data)
    await engine.start()
    await run(engine, completion())
    assert engine.info.sparse is False
    assert "M3 runs with dense attention" in caplog.text
    await engine.close()


async def test_many_questions_aside_do_not_starve_anybody(m2: EmbeddedEngine) -> None:
    counts = await asyncio.gather(*(m2.count("[e~[" * number) for number in range(100)))
    assert counts == list(range(100))
    assert (await run(m2, completion(max_tokens=2, n=4))).ends.keys() == {0, 1, 2, 3}


async def test_a_server_on_a_socket_is_an_engine_elsewhere_too(m2: EmbeddedEngine) -> None:
    assert m2.place is not None
    url, key = str(m2.place.address), m2.place.key
    engine = OpenAIHttpEngine("near", OpenAIHttpSettings(url=url, model="any", key=key))
    await engine.start()
    assert engine.kind == "llama"
    assert (await run(engine, completion(max_tokens=3, constraint=LONG))).end.completion == 3
    await engine.close()
