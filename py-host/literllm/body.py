"""Request bodies: text of the core and blobs of the caller, joined.

A picture of 20 MB is neither copied into the sandbox nor held twice: its base64 is made piece by piece while the body
is being sent, and a retry begins again from the same bytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from .types import BlobSegment, BodySegment

Blobs: TypeAlias = Mapping[str, bytes]
"""Blobs of a call by their id."""

BASE64_PIECE_BYTES = 48 * 1024
"""How many bytes of a blob become base64 at once.

A multiple of 3, so that no piece but the last is padded; its base64 has 64 KiB, about what a socket takes at once.
"""


class MissingBlob(Exception):
    """A blob is not there, or of another length."""


class Body:
    """A request body of known length. Iterating gives its pieces, as often as wanted."""

    def __init__(self, segments: Sequence[BodySegment], blobs: Blobs, length_bytes: int) -> None:
        """Joins the segments. ``length_bytes`` is the core's count, which becomes the content length.

        Raises :class:`MissingBlob` when a blob is not there, or the sum is another (a blob has another length than
        its part of the message says).
        """
        self._pieces: list[tuple[bytes, bool]] = []
        joined = 0
        for segment in segments:
            piece, in_base64 = _piece(segment, blobs)
            joined += -(-len(piece) // 3) * 4 if in_base64 else len(piece)
            self._pieces.append((piece, in_base64))
        if joined != length_bytes:
            raise MissingBlob(
                f"the joined body has {joined} bytes and should have {length_bytes}: "
                "a blob has another length than its part of the message says"
            )
        self.length_bytes = length_bytes
        """The content length."""

    def __iter__(self) -> Iterator[bytes]:
        for piece, in_base64 in self._pieces:
            if not in_base64:
                yield piece
                continue
            for start in range(0, len(piece), BASE64_PIECE_BYTES):
                yield b64encode(piece[start : start + BASE64_PIECE_BYTES])

    def __bytes__(self) -> bytes:
        """The whole body in one piece."""
        return b"".join(self)

    def __repr__(self) -> str:
        return f"Body({self.length_bytes} bytes)"


def _piece(segment: BodySegment, blobs: Blobs) -> tuple[bytes, bool]:
    if not isinstance(segment, BlobSegment):
        return segment.text.encode(), False
    if segment.id not in blobs:
        raise MissingBlob(f"no blob has the id {segment.id!r} that a message names; add it to `blobs`")
    return blobs[segment.id], segment.encoding == "base64"
