"""Plays fault scripts to the simulator and prints what came of each.

``python tests/faults.py ADDRESS``, the address of ``literllm mock --scripts``. One line of JSON for each script, as
``tests/faults/README.md`` tells. What every host prints must be the same decisions.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import literllm
from literllm.answer import Answer
from literllm.errors import LiterLLMError
from literllm.types import AttemptReport, DeltaEvent, Event, FallbackNotice, HoldNotice, NoticeEvent, RetryNotice

AT_A_TIME = 8
"""Scripts played together: most of their time is spent waiting."""


async def main(scripts: list[dict[str, Any]]) -> None:
    places = asyncio.Semaphore(AT_A_TIME)

    async def one(script: dict[str, Any]) -> None:
        async with places:
            print(json.dumps(await play(script)), flush=True)

    await asyncio.gather(*map(one, scripts))


async def play(script: dict[str, Any]) -> dict[str, Any]:
    """One client, its calls one after the other."""
    async with literllm.Client(config=script["config"], seed=lambda: script["seed"]) as client:
        calls = [await call(client, one) for one in script["calls"]]
    return {"script": script["script"], "calls": calls}


async def call(client: literllm.Client, script: dict[str, Any]) -> dict[str, Any]:
    request, options = script["request"], dict(script["options"])
    if (timeout_ms := options.pop("caller_timeout_ms", None)) is not None:
        options["timeout"] = timeout_ms / 1000
    try:
        if not request["stream"]:
            return line(await client.chat(request, **options), [])
        fields = {name: value for name, value in request.items() if name not in ("model", "messages", "stream")}
        stream = client.stream(request["model"], request["messages"], **fields, **options)
    except LiterLLMError as error:
        return line(error, [])
    notices: list[dict[str, Any]] = []
    try:
        async for event in stream:
            if isinstance(event, NoticeEvent):
                notices.append(notice(event))
            if gives_up(script.get("cancel"), event):
                stream.cancel()
        return line(await stream.answer(), notices)
    except LiterLLMError as error:
        return line(error, notices)
    finally:
        await stream.aclose()


def gives_up(cancel: str | None, event: Event) -> bool:
    if cancel == "first_delta":
        return isinstance(event, DeltaEvent) and event.type == "text_delta"
    return cancel == "wait" and isinstance(event, NoticeEvent) and not isinstance(event.notice, FallbackNotice)


def line(end: Answer | LiterLLMError, notices: list[dict[str, Any]]) -> dict[str, Any]:
    """What came of a call."""
    failed = end if isinstance(end, LiterLLMError) else None
    response = end.response if isinstance(end, Answer) else end.detail.partial
    return {
        "outcome": failed.kind if failed else "response",
        "text": end.text if isinstance(end, Answer) else end.text_so_far,
        "next": failed.next if failed else [],
        "maybe_billed": failed.maybe_billed if failed else False,
        "deadline": failed.deadline if failed else None,
        "message": failed.message if failed else None,
        "warnings": [warning.field for warning in response.warnings] if response else [],
        "attempts": [attempt(report) for report in (end.report.attempts if end.report else [])],
        "notices": notices,
    }


def attempt(report: AttemptReport) -> dict[str, Any]:
    return {
        "model": f"{report.provider}/{report.model}",
        "status": report.status,
        "error": report.error,
        "wait_ms": report.wait_ms,
        "wait_reason": report.wait_reason,
        "key_slot": report.key_slot,
        "maybe_billed": report.maybe_billed,
    }


def notice(event: NoticeEvent) -> dict[str, Any]:
    match event.notice:
        case RetryNotice() as retry:
            return {"type": "retry", "error": retry.error, "reason": retry.reason, "delay_ms": retry.delay_ms}
        case FallbackNotice() as fallback:
            models = {"from_model": fallback.from_model, "to_model": fallback.to_model}
            return {"type": "fallback", **models, "error": fallback.error}
        case HoldNotice() as hold:
            return {"type": "hold", "model": hold.model, "reason": hold.reason, "delay_ms": hold.delay_ms}


if __name__ == "__main__":
    with urllib.request.urlopen(f"{sys.argv[1]}/faults") as answer:
        told = json.loads(answer.read())
    asyncio.run(main(told))
