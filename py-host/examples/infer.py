"""One question by the one-liner: ``python examples/infer.py MODEL BASE_URL PROMPT``; the answer as one JSON object."""

import asyncio
import json
import sys
from typing import Any

import literllm


async def main(model: str, base_url: str, prompt: str) -> dict[str, Any]:
    async with literllm.Client(base_url={model.split("/")[0]: base_url}) as client:
        answer = await client.infer(model, prompt)
    return {
        "core_sha256": client.component_info.sha256,
        "text": answer.text,
        "tokens": answer.tokens,
        "finish": answer.finish and answer.finish.to_json(),
        "usage": answer.usage and answer.usage.to_json(),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
