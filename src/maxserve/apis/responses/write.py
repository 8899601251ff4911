"""Writes a whole response: the items of the stream, in the stream's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...chat import CompletionChoice, Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted
from .response import Response
from .stream import ResponseStream
from .thought import Sealer
from .tools import Offer


def response_body(
    result: CompletionChoice, response: Response, id: str, offers: Mapping[str, Offer], sealer: Sealer | None
) -> bytes:
    """Return the response object of a gathered answer: what a stream of the same events would end with."""
    writer = ResponseStream(response, id, offers, sealer)
    writer.write(_events(result))
    return writer.body(Finished(0, result.reason, result.usage, result.stop))


def _events(result: CompletionChoice) -> Iterator[Event]:
    """Tell the answer again, in as few events as there are items."""
    thought = said = tokens = 0
    logprobs = result.logprobs
    ends = [call.before for call in result.calls]
    ends.append((len(result.reasoning), len(result.text), len(logprobs or ())))
    for number, (reasoning, text, count) in enumerate(ends):
        if reasoning > thought:
            yield ReasoningDelta(0, result.reasoning[thought:reasoning])
        if text > said:
            yield TextDelta(
                0, result.text[said:text], said, None if logprobs is None else tuple(logprobs[tokens:count])
            )
        thought, said, tokens = reasoning, text, count
        if number < len(result.calls):
            call = result.calls[number]
            yield ToolCallStarted(0, number, call.id, call.name)
            yield ToolCallDelta(0, number, call.arguments)
    yield Finished(0, result.reason, result.usage, result.stop)
