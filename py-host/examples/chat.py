"""One streamed chat: ``python examples/chat.py [--model PROVIDER/MODEL] [--base-url URL] [PROMPT]``.

The answer's text goes to standard output as it comes; which core ran, and how it went, to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import literllm


async def main() -> int:
    parser = argparse.ArgumentParser(description="One streamed chat.")
    parser.add_argument("--model", default="openai/gpt-4o-mini")
    parser.add_argument("--base-url", help="another address of the model's provider, such as a simulator's")
    parser.add_argument("prompt", nargs="?", default="Tell me a short story about a river.")
    arguments = parser.parse_args()
    provider = arguments.model.partition("/")[0]
    base_url = {provider: arguments.base_url} if arguments.base_url else None
    async with literllm.Client(base_url=base_url) as client:
        core = client.component_info
        print(f"core: sha256 {core.sha256}, {core.size_bytes} bytes", file=sys.stderr)
        try:
            async with client.stream(arguments.model, arguments.prompt) as stream:
                async for piece in stream.text():
                    print(piece, end="", flush=True)
                answer = await stream.answer()
        except literllm.LiterLLMError as error:
            print(f"\n{error.kind}: {error}", file=sys.stderr)
            return 1
    print()
    took_ms = answer.report.ended_ms - answer.report.started_ms
    print(f"finish: {answer.finish}, attempts: {len(answer.report.attempts)}, {took_ms} ms", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
