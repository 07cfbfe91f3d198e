"""Plays the vectors of ``tests/vectors`` to this host's engine and prints everything that crosses.

``python tests/conformance.py VECTORS_DIR [CUTTING...]``, the cuttings ``whole``, ``bytes`` and ``seeded`` (all of
them when none is named). One line for each crossing, its fields apart by tabs: vector, cutting, number of the
crossing from 0, function, ``ok`` or ``err``, the core's document as it came, and the same read into this host's types
and written again in canonical form (RFC 8785). What every host prints must be the same bytes.

Bodies are told as those of calls are, by ``Instance.tell``, so they cross by ``call-body-latin1``; the line says
``call-body`` all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import rfc8785

sys.path.insert(0, str(Path(__file__).parent.parent))

from literllm.engine import compiled
from literllm.engine.happening import Body
from literllm.engine.instance import Instance, Refused, parse
from literllm.types import Created, Error, Send, Started, Step

T = TypeVar("T", Created, Started, Step)

START_MS = 1_700_000_000_000
STEP_MS = 10
SEED = 7
SEEDED_CUTS = 20
MEMORY_BYTES = 256 * 1024 * 1024
CUTTINGS = ("whole", "bytes", "seeded")


class Player:
    """One vector, one cutting."""

    def __init__(self, instance: Instance, root: Path, folder: Path, cutting: str) -> None:
        self.instance = instance
        self.folder = folder
        self.name = folder.relative_to(root).as_posix()
        self.cutting = cutting
        self.index = 0
        self.now_ms = START_MS
        self.call = 0

    def play(self) -> None:
        created = self.cross("client-create", Created, self.text("config.json"), 1, None)
        if created is None:
            return
        request, options = self.text("request.json"), self.text("options.json")
        started = self.cross("call-start", Started, created.client, request, options, START_MS, SEED)
        if started is not None:
            self.call = started.call
            self.run(started.step)
        self.instance.ask("client-drop", created.client)

    def run(self, step: Step | None) -> None:
        attempts = 0
        while step is not None and step.outcome is None:
            if step.send:
                attempts += 1
                step = self.answer(step.send[0], "" if attempts == 1 else f"-{attempts}")
            elif step.wake_at_ms is not None:
                self.now_ms = max(self.now_ms, step.wake_at_ms)
                step = self.cross("call-wake", Step, self.call, None, self.now_ms)
            else:
                raise SystemExit(f"{self.name}: the call waits for nothing and does not end")

    def answer(self, send: Send, suffix: str) -> Step | None:
        call, attempt = self.call, send.attempt
        if (head := self.folder / f"head{suffix}.json").exists():
            self.cross("call-head", Step, call, attempt, head.read_text("utf-8"), self.later())
        for body in self.folder.glob(f"body{suffix}.*"):
            now_ms = self.later()
            for piece in self.pieces(body.read_bytes()):
                tell = partial(self.instance.tell, call, Body(attempt, piece), now_ms)
                step = self.line("call-body", Step, tell)
                if step is None or step.outcome is not None or attempt in step.abort:
                    return step
        if (failure := self.folder / f"failure{suffix}.json").exists():
            return self.cross("call-failed", Step, call, attempt, failure.read_text("utf-8"), self.later())
        return self.cross("call-end", Step, call, attempt, self.later())

    def cross(self, function: str, kind: type[T], *arguments: str | int | None) -> T | None:
        """Crosses and prints. ``None``: the core said no."""
        return self.line(function, kind, partial(self.instance.ask, function, *arguments))

    def line(self, function: str, kind: type[T], ask: Callable[[], str]) -> T | None:
        value: T | None = None
        try:
            document = ask()
        except Refused as refused:
            document = str(refused)
            state, canonical = "err", rfc8785.dumps(Error.from_json(parse(document)).to_json())
        else:
            value = kind.from_json(parse(document))
            state, canonical = "ok", rfc8785.dumps(value.to_json())
        line = (self.name, self.cutting, str(self.index), function, state, document, canonical.decode())
        sys.stdout.buffer.write("\t".join(line).encode() + b"\n")
        self.index += 1
        return value

    def text(self, file: str) -> str:
        path = self.folder / file
        return path.read_text("utf-8") if path.exists() else "{}"

    def later(self) -> int:
        self.now_ms += STEP_MS
        return self.now_ms

    def pieces(self, body: bytes) -> Iterator[bytes]:
        if self.cutting == "whole" or not body:
            places = [0, len(body)]
            if self.cutting == "seeded":
                places = [0] * (SEEDED_CUTS + 2)
        elif self.cutting == "bytes":
            places = list(range(len(body) + 1))
        else:
            places = sorted([0, len(body), *seeded(self.name, len(body) + 1)])
        for start, end in pairwise(places):
            yield body[start:end]


def seeded(name: str, bound: int) -> list[int]:
    """Twenty numbers below ``bound``, the same in every host: SplitMix64, its seed the FNV-1a of the name."""
    mask = (1 << 64) - 1
    state = 0xCBF2_9CE4_8422_2325
    for byte in name.encode():
        state = (state ^ byte) * 0x0100_0000_01B3 & mask
    numbers = []
    for _ in range(SEEDED_CUTS):
        state = state + 0x9E37_79B9_7F4A_7C15 & mask
        x = (state ^ state >> 30) * 0xBF58_476D_1CE4_E5B9 & mask
        x = (x ^ x >> 27) * 0x94D0_49BB_1331_11EB & mask
        numbers.append((x ^ x >> 31) % bound)
    return numbers


def main() -> None:
    root, *cuttings = sys.argv[1:]
    wasm = Path(__file__).parent.parent / "literllm" / "literllm.wasm"
    engine, component = compiled.load(wasm.read_bytes())
    folders = sorted(
        (file.parent for file in Path(root).rglob("request.json")), key=lambda folder: str(folder).encode()
    )
    for folder in folders:
        for cutting in cuttings or CUTTINGS:
            # A new instance each time: the handles in the documents follow from what an instance did before.
            Player(Instance(engine, component, MEMORY_BYTES), Path(root), folder, cutting).play()


if __name__ == "__main__":
    main()
