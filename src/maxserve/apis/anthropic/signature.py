"""Signs thoughts, so that one which comes back is known to be the model's own (docs/wire/minimax.md §7).

A signature is 64 hex digits, as MiniMax's are: an HMAC-SHA256 of the thought with the server's secret. Where a client
wants no thought shown (`thinking.display: "omitted"`), the signature carries it: the digits, a dot and the thought in
base64. So nothing is kept here, and the model gets its thought back all the same.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_THOUGHT = b"anthropic.thinking\x00"
_CARRIED = b"anthropic.omitted\x00"
# These go before what is signed: a secret that signs other things as well must not vouch for them here.


class Seal:
    """The signature of a thought that comes in pieces."""

    __slots__ = ("_hash",)

    def __init__(self, begun: hmac.HMAC) -> None:
        self._hash = begun

    def add(self, text: str) -> None:
        """Take the next piece."""
        self._hash.update(text.encode("utf-8", "surrogatepass"))

    def signature(self) -> str:
        """Return the signature of all pieces so far."""
        return self._hash.hexdigest()


class Signer:
    """Signs with `secret`, and knows its own signatures again. Servers with the same secret know each other's."""

    def __init__(self, secret: bytes) -> None:
        self._thought = hmac.new(secret, _THOUGHT, hashlib.sha256)
        self._carried = hmac.new(secret, _CARRIED, hashlib.sha256)

    def seal(self) -> Seal:
        """Return the signature of nothing yet."""
        return Seal(self._thought.copy())

    def sign(self, thought: str) -> str:
        """Return the signature of a whole thought."""
        seal = self.seal()
        seal.add(thought)
        return seal.signature()

    def carry(self, thought: str) -> str:
        """Return a signature that brings a thought back which is not shown."""
        packed = base64.b64encode(thought.encode("utf-8", "surrogatepass"))
        return f"{self._digest(packed)}.{packed.decode()}"

    def verified(self, thought: str, signature: str | None) -> str | None:
        """Return the thought that a block brings back, None where its signature is missing, foreign or forged."""
        digits, carries, packed = (signature or "").encode("utf-8", "replace").partition(b".")
        expected = self._digest(packed) if carries else self.sign(thought)
        if not hmac.compare_digest(expected.encode(), digits):
            return None
        return base64.b64decode(packed).decode("utf-8", "surrogatepass") if carries else thought

    def _digest(self, packed: bytes) -> str:
        carried = self._carried.copy()
        carried.update(packed)
        return carried.hexdigest()
