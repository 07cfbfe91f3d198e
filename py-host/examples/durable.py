"""A job that outlives its process: ``python examples/durable.py FILE [--model PROVIDER/MODEL] [PROMPT]``.

The call is kept in FILE before each attempt is sent and before each pause. Kill the process whenever you like and start
it again with the same arguments: it goes on where it was. What came of it goes to standard output as one JSON object,
how it is going to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import literllm


async def main() -> int:
    parser = argparse.ArgumentParser(description="A job that outlives its process.")
    parser.add_argument("file", type=Path, help="where the call is kept")
    parser.add_argument("--model", default="openai/gpt-4o-mini")
    parser.add_argument("--base-url", help="another address of the model's provider, such as a simulator's")
    parser.add_argument("--policy", type=json.loads, help="a policy, as JSON")
    parser.add_argument("prompt", nargs="?", default="Tell me a short story about a river.")
    arguments = parser.parse_args()

    def keep(snapshot: str) -> None:
        """In one move, so that no crash leaves half a file."""
        part = arguments.file.with_suffix(".part")
        with part.open("w") as opened:
            opened.write(snapshot)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(arguments.file)
        running = json.loads(snapshot)["snapshot"]["running"]
        print(f"kept, under way: {running}", file=sys.stderr, flush=True)

    provider = arguments.model.partition("/")[0]
    base_url = {provider: arguments.base_url} if arguments.base_url else None
    async with literllm.Client(base_url=base_url, policy=arguments.policy) as client:
        if arguments.file.exists():
            stream = client.resume(arguments.file.read_text(), on_snapshot=keep)
        else:
            stream = client.stream(arguments.model, arguments.prompt, on_snapshot=keep)
        outcome: dict[str, Any]
        async with stream:
            try:
                answer = await stream.answer()
            except literllm.LiterLLMError as error:
                print(repr(error), file=sys.stderr)
                outcome = {"error": error.kind, "maybe_billed": error.maybe_billed}
                attempts = error.attempts
            else:
                outcome = {"text": answer.text}
                attempts = answer.report.attempts
    arguments.file.unlink(missing_ok=True)
    print(json.dumps({**outcome, "attempts": [attempt.to_json() for attempt in attempts]}))
    return 1 if "error" in outcome else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
