"""The provider simulator, a process of its own, and clients that talk to it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import literllm

REPOSITORY = Path(__file__).parent.parent.parent
HOOKS = REPOSITORY / "target" / "literllm-hooks.wasm"
KEY = "sk-test-0123456789abcdef"
MODEL = "openai/mock-tokens-20"
QUICK = {"backoff_base_ms": 1, "backoff_cap_ms": 2}
"""A policy under which no test waits."""


class Mock:
    """A running simulator."""

    def __init__(self, *arguments: str) -> None:
        program = os.environ.get("LITERLLM_MOCK") or str(REPOSITORY / "target" / "debug" / "literllm")
        if not Path(program).exists():
            pytest.fail(f"no simulator at {program}; next: `cargo build` in the workspace, or set LITERLLM_MOCK")
        command = [program, "mock", "--port", "0", "--chunk-delay-ms", "0", *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        self.base_url = f"{self.address}/v1"

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/stats") as answer:
            stats: dict[str, Any] = json.load(answer)
        return stats

    async def until(self, name: str, value: object) -> dict[str, Any]:
        """Its counts, once this one has that value. It learns of a closed connection a moment after we close it."""
        async with asyncio.timeout(10):
            while (stats := self.stats())[name] != value:
                await asyncio.sleep(0.005)
        return stats

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of our own, compiled into once for all tests."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["LITERLLM_CACHE_DIR"] = str(folder)
    yield folder
    del os.environ["LITERLLM_CACHE_DIR"]


@pytest.fixture(scope="session")
def shared_mock() -> Iterator[Mock]:
    mock = Mock()
    yield mock
    mock.close()


@pytest.fixture
def mock() -> Iterator[Mock]:
    """One whose counts are this test's alone."""
    mock = Mock()
    yield mock
    mock.close()


@pytest.fixture
async def client(shared_mock: Mock) -> AsyncIterator[literllm.Client]:
    async with client_of(shared_mock) as client:
        yield client


@pytest.fixture(params=["quick", "plain"])
def each_crossing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways into the component."""
    if request.param == "plain":
        monkeypatch.setattr("literllm.engine.instance.quick_is_possible", lambda: False)
    return str(request.param)


def client_of(mock: Mock, **options: Any) -> literllm.Client:
    return literllm.Client(base_url={"openai": mock.base_url}, policy={**QUICK, **options.pop("policy", {})}, **options)


def fault(text: str) -> list[dict[str, str]]:
    """Headers that make the simulator fail in this way."""
    return [{"name": "x-mock-fault", "value": text}]


def hooks() -> Path:
    """The engine of the tests, which traps and hedges when asked to."""
    if not HOOKS.exists():
        if os.environ.get("LITERLLM_REQUIRE_ALL"):
            pytest.fail(f"{HOOKS} is not there; next: cargo xtask build")
        pytest.skip(f"NOT TESTED: {HOOKS} is not there; next: cargo xtask build")
    return HOOKS
