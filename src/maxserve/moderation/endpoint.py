"""Asks a moderation endpoint (`POST …/v1/moderations`, as OpenAI has it) what it thinks of texts."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated

import msgspec
from msgspec import Meta

from ..chat import Category, ModerationUnavailable
from ..http.address import Address
from ..http.client import Client
from ..http.connection import TransportError
from ..masking import Names

log = logging.getLogger("maxserve.moderation")

LONGEST = 8000
"""Characters of one input; a longer text is asked about in several."""

OVERLAP = 200
"""Characters that two neighbouring inputs of one text share, so that nothing is cut in half in both."""

MOST_INPUTS = 32
"""Inputs of one request."""

_REMEMBERED = 4096


class _Result(msgspec.Struct):
    categories: dict[str, bool | None]
    flagged: bool = False


class _Answer(msgspec.Struct):
    results: Annotated[list[_Result], Meta(min_length=1)]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Answer).decode


class ModerationEndpoint:
    """One endpoint; `url` is its base up to `/v1`, `model` the name asked of it, None = its own choice.

    What was judged is remembered for a while by its digest, as a conversation sends its past again with every turn.
    """

    def __init__(self, url: str, *, key: str | None, model: str | None, timeout_s: float, names: Names) -> None:
        address = Address.parse(url)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._path = address.prefix + "/moderations"
        self._client = Client(msgspec.structs.replace(address, prefix=""), headers=headers, connect_timeout=timeout_s)
        self._address = address
        self._model = model
        self._timeout = timeout_s
        self._names = names
        self._judged: OrderedDict[bytes, frozenset[Category]] = OrderedDict()

    async def judge(self, texts: Sequence[str]) -> set[Category]:
        """Return the categories that the endpoint sees in these texts; raises `ModerationUnavailable`."""
        found: set[Category] = set()
        unknown: dict[bytes, str] = {}
        for text in texts:
            for piece in _pieces(text):
                digest = blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=16).digest()
                known = self._judged.get(digest)
                if known is None:
                    unknown[digest] = piece
                else:
                    self._judged.move_to_end(digest)
                    found |= known
        digests = list(unknown)
        for first in range(0, len(digests), MOST_INPUTS):
            asked = digests[first : first + MOST_INPUTS]
            answers = await self._ask([unknown[digest] for digest in asked])
            for digest, categories in zip(asked, answers, strict=True):
                self._judged[digest] = categories
                found |= categories
        while len(self._judged) > _REMEMBERED:
            self._judged.popitem(last=False)
        return found

    async def close(self) -> None:
        """Hang up; safe to call twice."""
        await self._client.close()

    async def _ask(self, inputs: list[str]) -> list[frozenset[Category]]:
        # Half a character, which JSON can hold and UTF-8 cannot, is judged as a question mark.
        body: dict[str, object] = {"input": [text.encode("utf-8", "replace").decode() for text in inputs]}
        if self._model is not None:
            body = {"model": self._model, **body}
        try:
            response = await self._client.request("POST", self._path, _encode(body), timeout=self._timeout)
        except TransportError as error:
            raise self._failed(str(error)) from error
        if response.status != 200:
            raise self._failed(f"status {response.status}")
        try:
            results = _decode(response.body).results
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._failed(f"no moderation: {error}") from error
        if len(results) != len(inputs):
            raise self._failed(f"{len(results)} results for {len(inputs)} inputs")
        return [self._names.read(result.categories, result.flagged) for result in results]

    def _failed(self, why: str) -> ModerationUnavailable:
        log.warning("the moderation endpoint at %s gave no judgement: %s", self._address, why)
        return ModerationUnavailable(
            "What was said cannot be checked at the moment, and so it cannot pass.", retry_after=5.0
        )


def _pieces(text: str) -> list[str]:
    if len(text) <= LONGEST:
        return [text] if text.strip() else []
    step = LONGEST - OVERLAP
    return [text[at : at + LONGEST] for at in range(0, max(1, len(text) - OVERLAP), step)]
