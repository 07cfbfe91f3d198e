"""What a call costs here, beside the least that Python needs for it.

``python bench/bench.py --base-url URL --wakes-url URL [--rounds N] [--calls N]`` against two simulators: one that
writes ten events at once, one that writes them one by one. In one process, the contenders take turns, after a
warm-up; measured is the CPU time of this process, user and system. One JSON line for each case, contender and round.

The floor is aiohttp with ``json.loads`` of every chunk and the smallest loop that cuts events out of a body. It checks
nothing, retries nothing and forgets all but the text.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))

import literllm

PROMPT = "Tell me what you see."
CHUNKS = 100

Ask: TypeAlias = Callable[[], Awaitable[str]]


def floor_plain(session: aiohttp.ClientSession, base_url: str) -> Ask:
    async def ask() -> str:
        request = {"model": "mock-tokens-20", "messages": [{"role": "user", "content": PROMPT}]}
        async with session.post(f"{base_url}/chat/completions", data=json.dumps(request).encode()) as answer:
            body = json.loads(await answer.read())
        return str(body["choices"][0]["message"]["content"])

    return ask


def floor_stream(session: aiohttp.ClientSession, base_url: str) -> Ask:
    async def ask() -> str:
        request = {
            "model": f"mock-tokens-{CHUNKS}",
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        text, rest = "", b""
        async with session.post(f"{base_url}/chat/completions", data=json.dumps(request).encode()) as answer:
            async for data in answer.content.iter_any():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: ") and line != b"data: [DONE]":
                        for choice in json.loads(line[6:])["choices"]:
                            text += choice["delta"].get("content") or ""
        return text

    return ask


def literllm_plain(client: literllm.Client) -> Ask:
    async def ask() -> str:
        request = {"model": "openai/mock-tokens-20", "messages": [{"role": "user", "content": PROMPT}]}
        return (await client.chat(request)).text

    return ask


def literllm_stream(client: literllm.Client) -> Ask:
    async def ask() -> str:
        text = ""
        async with client.stream(f"openai/mock-tokens-{CHUNKS}", PROMPT) as stream:
            async for event in stream:
                if event.type == "text_delta":
                    text += event.text
        return text

    return ask


def cpu_us() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e6


async def measure(case: str, contenders: dict[str, Ask], rounds: int, calls: int) -> None:
    texts = set()
    for ask in contenders.values():
        for _ in range(max(5, calls // 10)):
            texts.add(await ask())
    if len(texts) != 1:
        raise SystemExit(f"{case}: the contenders do not give the same text: {texts}")
    for number in range(rounds):
        for contender, ask in contenders.items():
            before = cpu_us()
            for _ in range(calls):
                await ask()
            per_call = (cpu_us() - before) / calls
            line: dict[str, object] = {"case": case, "contender": contender, "round": number}
            line["cpu_us_per_call"] = round(per_call, 2)
            if case != "plain":
                line["cpu_us_per_chunk"] = round(per_call / CHUNKS, 3)
            print(json.dumps(line), flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", required=True, help="a simulator that writes ten events at once, with /v1")
    parser.add_argument("--wakes-url", help="one that writes each event by itself, with /v1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=200, help="of a plain call; streams are a fifth of it")
    parser.add_argument("--only", help="one case")
    arguments = parser.parse_args()
    cases = [("plain", arguments.base_url), ("bursts", arguments.base_url), ("wakes", arguments.wakes_url)]
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for case, base_url in cases:
            if base_url is None or arguments.only not in (None, case):
                continue
            async with literllm.Client(base_url={"openai": base_url}) as client:
                if case == "plain":
                    contenders = {"floor": floor_plain(session, base_url), "literllm": literllm_plain(client)}
                    calls = arguments.calls
                else:
                    contenders = {"floor": floor_stream(session, base_url), "literllm": literllm_stream(client)}
                    calls = max(1, arguments.calls // 5)
                await measure(case, contenders, arguments.rounds, calls)


if __name__ == "__main__":
    asyncio.run(main())
