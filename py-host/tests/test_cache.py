"""The cache of compiled code: quick when it is sound, and never in the way when it is not."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import wasmtime
from wasmtime.component import Component

import literllm
from literllm.engine import compiled

WASM = (Path(literllm.__file__).parent / "literllm.wasm").read_bytes()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "deep" / "cache"
    monkeypatch.setenv("LITERLLM_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How large what was compiled was."""
    seen: list[int] = []

    class Counted(Component):
        def __init__(self, engine: wasmtime.Engine, wasm: bytes) -> None:
            seen.append(len(wasm))
            super().__init__(engine, wasm)

    monkeypatch.setattr(compiled, "Component", Counted)
    return seen


def load() -> None:
    compiled._components.clear()
    engine, component = compiled.load(WASM)
    assert wasmtime.component.Linker(engine).instantiate(wasmtime.Store(engine), component)


def test_it_is_compiled_once_and_kept_for_the_user_alone(folder: Path, compilations: list[int]) -> None:
    load()
    load()
    assert len(compilations) == 1
    (file,) = folder.iterdir()
    assert f"wasmtime-{version('wasmtime')}" in file.name
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign", "folder"])
def test_damage_is_compiled_again_and_replaced(folder: Path, compilations: list[int], damage: str) -> None:
    load()
    (file,) = folder.iterdir()
    sound = file.read_bytes()
    if damage == "folder":
        file.unlink()
        file.mkdir()
        load()
        assert len(compilations) == 2
        return
    flipped = bytearray(sound)
    flipped[len(sound) // 2] ^= 1
    file.write_bytes({"empty": b"", "cut": sound[:1000], "flipped": bytes(flipped), "foreign": b"\x7fELF" * 99}[damage])
    load()
    assert len(compilations) == 2
    assert file.read_bytes() == sound
    load()
    assert len(compilations) == 2


def test_code_for_another_engine_is_compiled_again(folder: Path, compilations: list[int]) -> None:
    """Its checksum is right; wasmtime itself says no."""
    load()
    (file,) = folder.iterdir()
    config = wasmtime.Config()
    config.consume_fuel = True
    code = bytes(Component(wasmtime.Engine(config), WASM).serialize())
    file.write_bytes(hashlib.sha256(code).digest() + code)
    load()
    assert len(compilations) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there the access list of the folder guards it")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_others_may_write_is_not_trusted(folder: Path, compilations: list[int], which: str) -> None:
    load()
    (file,) = folder.iterdir()
    (file if which == "file" else folder).chmod(0o777)
    load()
    assert len(compilations) == 2


def test_without_a_place_it_works_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compilations: list[int]
) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    for place in (str(in_the_way / "cache"), str(in_the_way), ""):
        monkeypatch.setenv("LITERLLM_CACHE_DIR", place)
        load()
    assert len(compilations) == 3
    assert in_the_way.read_text() == ""


def test_the_usual_place_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LITERLLM_CACHE_DIR")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert compiled._folder() == tmp_path / "literllm"
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert compiled._folder() is None
    assert os.environ.get("LITERLLM_CACHE_DIR") is None
