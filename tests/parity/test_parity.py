"""Every dialect says the same of the same answer, streamed and whole, however the engine's text came.

`golden/` has the exact bytes of every answer. To write them again after a change that is meant to show on the wire,
run these tests with `MAXSERVE_UPDATE_GOLDEN=1`, and look at what Git says has changed. `record.py` records more
transcripts; `apis.py` has the table of what differs by right.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import Usage

from .dialects import DIALECTS, Dialect
from .reading import Counts, Read
from .stage import CALLS, CHUNKINGS, FOLDER, TRANSCRIPTS, Stage, Transcript

GOLDEN = FOLDER / "golden"
UPDATE = os.environ.get("MAXSERVE_UPDATE_GOLDEN") == "1"
CATALOGUE = Catalogue.load()
PAIRS = [
    pytest.param(name, dialect, id=f"{name}-{dialect.name}")
    for name, case in TRANSCRIPTS.items()
    for dialect in DIALECTS
    if dialect.asks(case)
]
NAMED = {dialect.name: dialect for dialect in DIALECTS}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("data"))
    yield made
    made.close()


def told(stage: Stage, case: Transcript, dialect: Dialect, stream: bool, chunking: str = "recorded") -> Read:
    answer = stage.ask(case, dialect.at(case), dialect.request(case, stream), chunking)
    failed = case.told.error is not None and not stream
    if dialect.fixed_status is not None or not failed:
        assert answer.status == (dialect.fixed_status or 200), answer.body
    else:
        assert answer.status >= 500, "the server's fault never looks like the client's"
    return dialect.read(case, answer.body, stream)


def same(read: Read, expected: Read) -> None:
    """Hold an answer to what it must say; an error may have words of its dialect around the message."""
    if expected.error is not None:
        assert read.error is not None
        assert expected.error in read.error
    assert read.ids == tuple(f"{CALLS}_{number + 1}" for number in range(len(read.calls)))
    assert read._replace(ids=(), error=None) == expected._replace(ids=(), error=None)


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_answer_is_what_was_told(stage: Stage, name: str, dialect: Dialect, stream: bool) -> None:
    case = TRANSCRIPTS[name]
    same(told(stage, case, dialect, stream), dialect.expected(case, stream))


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_the_chunking_changes_nothing(stage: Stage, name: str, dialect: Dialect) -> None:
    case = TRANSCRIPTS[name]
    for chunking in CHUNKINGS[1:]:
        for stream in (False, True):
            expected = dialect.expected(case, stream)
            read = told(stage, case, dialect, stream, chunking)
            if case.told.stop is not None:
                # What one read brought beyond the stop sequence was made, and is counted.
                assert read.usage is not None
                assert expected.usage is not None
                assert read.usage.completion >= expected.usage.completion
                read = read._replace(usage=None)
                expected = expected._replace(usage=None)
            same(read, expected)


@pytest.mark.parametrize("chunking", CHUNKINGS)
@pytest.mark.parametrize("name", [name for name, case in TRANSCRIPTS.items() if case.told.error is None])
def test_every_dialect_counts_and_costs_the_same(stage: Stage, name: str, chunking: str) -> None:
    case = TRANSCRIPTS[name]
    seen: dict[str, Counts] = {}
    for dialect in DIALECTS:
        if not dialect.asks(case):
            continue
        model = CATALOGUE.resolve(dialect.models[case.family])
        whole, streamed = (told(stage, case, dialect, stream, chunking).usage for stream in (False, True))
        assert whole is not None
        assert whole == streamed, dialect.name
        seen[dialect.name] = whole
        if whole.cached is not None:
            expected = model.price.cost(Usage(*seen["openai"]))  # type: ignore[arg-type]
            assert cost(whole, model.name) == pytest.approx(expected, rel=1e-12), dialect.name
    assert len({(counts.prompt, counts.completion) for counts in seen.values()}) == 1, seen
    assert len({counts.cached for counts in seen.values()} - {None}) == 1, seen
    assert len({counts.reasoning for key, counts in seen.items() if not NAMED[key].raw} - {None}) == 1, seen


def cost(counts: Counts, model: str) -> float:
    """Reckon the price in US dollars, from MiniMax's list and a dialect's own counts alone."""
    long = model == "MiniMax-M3" and counts.prompt > 524_288
    fresh, cached, written = {
        ("MiniMax-M2.7", False): (0.30, 0.06, 1.20),
        ("MiniMax-M3", False): (0.30, 0.06, 1.20),
        ("MiniMax-M3", True): (0.60, 0.12, 2.40),
    }[model, long]
    known = counts.cached or 0
    return ((counts.prompt - known) * fresh + known * cached + counts.completion * written) / 1e6


@pytest.mark.parametrize(("name", "dialect"), PAIRS)
def test_the_bytes(stage: Stage, name: str, dialect: Dialect) -> None:
    case = TRANSCRIPTS[name]
    for stream, suffix in ((False, "json"), (True, "sse")):
        answer = stage.ask(case, dialect.at(case), dialect.request(case, stream))
        path = GOLDEN / name / f"{dialect.name}.{suffix}"
        body = dialect.steady(answer.body)
        if UPDATE:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        assert body == path.read_bytes(), f"{path.relative_to(FOLDER)}: see the docstring of this module"


def test_no_golden_file_is_left_over() -> None:
    expected = {
        Path(name) / f"{NAMED[dialect.name].name}.{suffix}"
        for name, case in TRANSCRIPTS.items()
        for dialect in DIALECTS
        if dialect.asks(case)
        for suffix in ("json", "sse")
    }
    assert {path.relative_to(GOLDEN) for path in GOLDEN.rglob("*.*")} == expected


def test_the_transcripts_are_the_interesting_ones() -> None:
    cases = TRANSCRIPTS.values()
    assert {case.family for case in cases} == {"m2", "m3"}
    assert any(len(case.stretches) > 1 for case in cases)
    assert any(len(case.told.calls) > 1 for case in cases)
    assert {case.told.reason for case in cases} == {"stop", "length", "tool_calls"}
    for wanted in ("stop", "error", "reasoning", "text"):
        assert any(getattr(case.told, wanted) for case in cases), wanted
    assert any(case.family == "m3" and not case.told.reasoning for case in cases)
    assert json.loads(json.dumps([case.raw for case in cases]))
