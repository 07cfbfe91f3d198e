"""The configuration of a client: a file, a mapping, arguments. What it says is the core's to judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import MODEL
from scripted import DONE, Script, event

import literllm
from literllm import types

TOML = """
[[providers]]
id = "openai"
base_url = "https://llm.example.com/v1"
key_env = ["EXAMPLE_KEY"]
spare_key_env = ["EXAMPLE_KEY_2"]

[policy]
max_attempts = 2
resend_unknown = "before_head"

[[policy.fallback]]
model = "groq/llama-3.3-70b-versatile"
on = ["rate_limit", "overloaded"]

[limits]
max_line_bytes = 1048576

[guards]
breaker_failures = 3
"""

DOCUMENT: dict[str, Any] = {
    "providers": [
        {
            "id": "openai",
            "base_url": "https://llm.example.com/v1",
            "key_env": ["EXAMPLE_KEY"],
            "spare_key_env": ["EXAMPLE_KEY_2"],
        }
    ],
    "policy": {
        "max_attempts": 2,
        "resend_unknown": "before_head",
        "fallback": [{"model": "groq/llama-3.3-70b-versatile", "on": ["rate_limit", "overloaded"]}],
    },
    "limits": {"max_line_bytes": 1048576},
    "guards": {"breaker_failures": 3},
}


@pytest.mark.parametrize(("name", "text"), [("literllm.toml", TOML), ("literllm.JSON", json.dumps(DOCUMENT))])
async def test_a_file_says_the_same_as_a_document(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text)
    script = Script(event("hello"), DONE)
    client = literllm.Client.from_file(file, transport=script, keys={"openai": "x"})
    assert client.egress == literllm.Client(config=DOCUMENT, transport=script).egress
    assert (await client.infer(MODEL, "hi")).text == "hello"
    assert script.requests[0].url == "https://llm.example.com/v1/chat/completions"
    (row,) = [row for row in client.egress if row.provider == "openai"]
    assert (row.key_env, row.spare_key_env) == (["EXAMPLE_KEY"], ["EXAMPLE_KEY_2"])


async def test_the_policy_of_a_file_holds_and_arguments_add_to_it(tmp_path: Path) -> None:
    file = tmp_path / "literllm.toml"
    file.write_text("[policy]\nmax_attempts = 2\nbackoff_base_ms = 1\n")
    script = Script(b"{}", status=500)
    here: dict[str, Any] = {"transport": script, "keys": {"openai": "x"}}
    with pytest.raises(literllm.ServerError) as raised:
        await literllm.Client.from_file(str(file), **here).infer(MODEL, "hi")
    assert len(raised.value.attempts) == 2
    with pytest.raises(literllm.ServerError) as raised:
        await literllm.Client.from_file(file, **here, guards={"retry_budget": 0}).infer(MODEL, "hi")
    assert len(raised.value.attempts) == 1
    assert "retry_budget" in raised.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[policy]\nmax_atempts = 2\n", "max_attempts"),
        ("[guard]\n", "guards"),
        ('[[providers]]\nid = "openai"\nkey = "sk-in-a-file"\n', "key"),
        ("[policy]\nmax_attempts = 0\n", "max_attempts"),
        ("[policy]\ntotal_timeout_ms = 2026-01-01\n", "policy.total_timeout_ms: a value of type date"),
        ("[policy\n", "it is not sound TOML: .*line 1"),
        ("providers = 3\n", "providers: expected a list"),
        ("providers = [3]\n", r"providers\[0\]: expected a row"),
        ('[[policy.fallback]]\nmodel = "nobody/x"\n', "nobody"),
    ],
)
def test_a_file_that_is_not_sound_is_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "literllm.toml"
    file.write_text(text)
    with pytest.raises(literllm.InvalidRequestError, match=words) as raised:
        literllm.Client.from_file(file, transport=Script())
    assert raised.value.message.startswith(f"{file}: ")
    assert "sk-in-a-file" not in str(raised.value)


def test_a_file_of_another_kind_or_none_at_all(tmp_path: Path) -> None:
    cases = [("a.yaml", "", r"\.toml or a \.json"), ("a.json", "[]", "an object"), ("b.json", "{", "sound JSON")]
    for name, text, words in cases:
        (tmp_path / name).write_text(text)
        with pytest.raises(literllm.InvalidRequestError, match=words) as raised:
            literllm.Client.from_file(tmp_path / name)
        assert str(tmp_path / name) in raised.value.message
    with pytest.raises(FileNotFoundError, match="none"):
        literllm.Client.from_file(tmp_path / "none.toml")


def test_rows_may_be_typed_and_arguments_change_them() -> None:
    rows = [types.ProviderRow("openai", key_env=["A"]), types.ProviderRow("groq")]
    for config in (types.ClientConfig(rows), {"providers": rows}):
        client = literllm.Client(
            config=config, key_env={"openai": "B"}, spare_key_env={"openai": ["C"]}, transport=Script()
        )
        (row,) = [row for row in client.egress if row.provider == "openai"]
        assert (row.key_env, row.spare_key_env) == (["B"], ["C"])
    assert rows == [types.ProviderRow("openai", key_env=["A"]), types.ProviderRow("groq")]


def test_several_keys_of_a_mapping_are_counted() -> None:
    client = literllm.Client(keys={"openai": ["a", "b", "c"], "groq": "d"}, transport=Script())
    spares = {row.provider: row.spare_key_env for row in client.egress}
    assert spares["openai"] == ["OPENAI_API_KEY_2", "OPENAI_API_KEY_3"]
    assert spares["groq"] == []
