"""The conformance run goes the way that calls go."""

from __future__ import annotations

from collections import Counter

import pytest
from conformance import MEMORY_BYTES, Player
from conftest import REPOSITORY

from literllm.engine import compiled
from literllm.engine.happening import Body, Happening
from literllm.engine.instance import Instance

VECTORS = REPOSITORY / "tests" / "vectors"


def test_bodies_are_told_as_those_of_calls_are(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    told: Counter[type] = Counter()
    tell = Instance.tell

    def counted(instance: Instance, call: int, happening: Happening, now_ms: int) -> str:
        told[type(happening)] += 1
        return tell(instance, call, happening, now_ms)

    monkeypatch.setattr(Instance, "tell", counted)
    folder = next(file.parent for file in sorted(VECTORS.rglob("body.*")) if (file.parent / "request.json").exists())
    wasm = (REPOSITORY / "py-host" / "literllm" / "literllm.wasm").read_bytes()
    Player(Instance(*compiled.load(wasm), MEMORY_BYTES), VECTORS, folder, "seeded").play()
    lines = [line.split(b"\t") for line in capfdbinary.readouterr().out.splitlines()]
    assert told[Body] == sum(line[3] == b"call-body" for line in lines) > 0
