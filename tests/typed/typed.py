"""The typed sibling, run under wasmtime against the simulator; its answers held against the engine's.

Usage: typed.py COMPONENT BASE_URL

One plain and one streamed chat, a failure and a cancelled stream, each once through ``literllm-wasi.wasm`` (records and
variants over ``wasi:http``) and once through the engine (JSON text, this language's host). Typed values are turned into the
JSON form by walking their types, and must be equal. What the simulator counts up (its request id), and times, are not
compared. Prints a count; exits with 1 and a difference otherwise.
"""

import asyncio
import base64
import json
import sys

import literllm
from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant
from wasmtime.component import _types as wit

KEY = "sk-typed-0123456789"
INTERFACE = "literllm:client/client@0.1.0"


def lower(ty, value):
    """A value of the JSON form as wasmtime takes it for this type."""
    if isinstance(ty, wit.OptionType):
        return None if value is None else lower(ty.payload, value)
    if isinstance(ty, wit.ListType):
        return [lower(ty.element, item) for item in value or []]
    if isinstance(ty, wit.RecordType):
        record = Record()
        for name, field in ty.fields:
            setattr(record, name, lower(field, value.get(name.replace("-", "_"))))
        return record
    if isinstance(ty, wit.VariantType):
        tag = value["type"].replace("_", "-")
        payload = dict(ty.cases)[tag]
        payload = None if payload is None else lower(payload, value)
        return Variant(tag, payload) if ty._tagged() else payload
    if isinstance(ty, wit.EnumType):
        return value.replace("_", "-")
    return value


def lift(ty, value):
    """The way back."""
    if isinstance(ty, wit.OptionType):
        return None if value is None else lift(ty.payload, value)
    if isinstance(ty, wit.ListType):
        if isinstance(ty.element, wit.U8):
            return base64.b64encode(bytes(value)).decode()
        return [lift(ty.element, item) for item in value]
    if isinstance(ty, wit.RecordType):
        fields = ((name, lift(field, getattr(value, name))) for name, field in ty.fields)
        return {name.replace("-", "_"): field for name, field in fields if field is not None}
    if isinstance(ty, wit.VariantType):
        tag, payload = (value.tag, value.payload) if ty._tagged() else (ty.cases[0][0], value)
        case = dict(ty.cases)[tag]
        return {"type": tag.replace("-", "_"), **({} if case is None else lift(case, payload))}
    if isinstance(ty, wit.EnumType):
        return value.replace("-", "_")
    return value


class Typed:
    """The component, its functions by name."""

    def __init__(self, path):
        engine = Engine()
        self.component = Component.from_file(engine, path)
        linker, self.store = Linker(engine), Store(engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        wasi = WasiConfig()
        wasi.env = [("LITERLLM_TYPED_KEY", KEY)]
        self.store.set_wasi(wasi)
        self.store.set_wasi_http()
        self.instance = linker.instantiate(self.store, self.component)
        self.interface = self.component.get_export_index(INTERFACE)

    def call(self, name, *arguments):
        """Calls a function with values of the JSON form; answers with one. Raises ``Refused`` for its error."""
        func = self.instance.get_func(self.store, self.component.get_export_index(name, self.interface))
        ty = func.type(self.store)
        types = [param for _, param in ty.params]
        lowered = [a if isinstance(t, (wit.BorrowType, wit.OwnType)) else lower(t, a) for t, a in zip(types, arguments)]
        value, result = func(self.store, *lowered), ty.result
        if not isinstance(result, wit.ResultType):
            return None if result is None else lift(result, value)
        tagged = result._tagged()
        is_error = value.tag == "err" if tagged else isinstance(value, Record)
        payload = value.payload if tagged else value
        if is_error:
            raise Refused(lift(result.err, payload))
        return payload if isinstance(result.ok, wit.OwnType) else lift(result.ok, payload)


class Refused(Exception):
    """An error that came before anything was sent."""


def config(base_url):
    return {"providers": [{"id": "openai", "base_url": base_url, "key_env": ["LITERLLM_TYPED_KEY"]}]}


def request(stream, model="openai/mock-small", **more):
    messages = [{"role": "user", "content": [{"type": "text", "text": "Tell me a story, naïve 🌊"}]}]
    return {"model": model, "messages": messages, "stream": stream, "temperature": 0.5, **more}


def essence(value):
    """Without what differs from run to run."""
    if isinstance(value, dict):
        skip = {"request_id"} | {name for name in value if name in TIMES}
        return {name: essence(inner) for name, inner in value.items() if name not in skip}
    return [essence(item) for item in value] if isinstance(value, list) else value


TIMES = {"started_ms", "ended_ms", "head_ms", "first_token_ms", "wait_ms", "delay_ms"}

held = 0


def equal(what, typed, engine):
    global held
    typed, engine = essence(typed), essence(engine)
    if typed != engine:
        sys.exit(f"{what}: the typed component and the engine differ:\n{json.dumps(typed)}\n{json.dumps(engine)}")
    held += 1


def holds(what, truth):
    global held
    if not truth:
        sys.exit(f"{what} does not hold")
    held += 1


def typed_stream(typed, client, request):
    stream = typed.call("[method]client.stream", client, request, {})
    events = []
    while (some := typed.call("[method]chat-stream.next", stream)) is not None:
        holds("next answers with at least one event", some)
        events += some
    outcome = typed.call("[method]chat-stream.outcome", stream)
    stream.drop(typed.store)
    return events, outcome


async def engine_stream(client, request):
    options = {name: value for name, value in request.items() if name not in ("model", "messages", "stream")}
    if not request["stream"]:
        return [], await plain(client, request)
    stream = client.stream(request["model"], request["messages"], **options)
    events = []
    try:
        async for event in stream:
            events.append(literllm.types.event_to_json(event))
        return events, told(await stream.answer())
    except literllm.LiterLLMError as error:
        return events, told(error)


async def plain(client, request):
    try:
        return told(await client.chat(request))
    except literllm.LiterLLMError as error:
        return told(error)


def told(end):
    """An answer or an error as an outcome."""
    if isinstance(end, literllm.LiterLLMError):
        return {"result": {"type": "error", **end.detail.to_json()}, "report": end.report.to_json()}
    return {"result": {"type": "response", **end.response.to_json()}, "report": end.report.to_json()}


async def main():
    component, base_url = sys.argv[1:]
    typed = Typed(component)
    client = typed.call("[static]client.create", config(base_url))
    async with literllm.Client(
        config=literllm.types.ClientConfig.from_json(config(base_url)), keys={"openai": KEY}
    ) as engine:
        tool = {"type": "function", "name": "look_up", "parameters": '{"type":"object","properties":{"word":{"type":"string"}}}'}
        fault = lambda name: [{"name": "x-mock-fault", "value": name}]
        cases = {
            "plain": request(False),
            "streamed": request(True),
            "reasoning": request(True, model="openai/mock-reason"),
            "two answers": request(True, n=2),
            "a tool": request(True, tools=[tool], tool_choice={"type": "required"}),
            "log probabilities": request(True, logprobs=True, top_logprobs=2),
            "a cut": request(True, headers=fault("cut;after=4")),
            "bytes one by one": request(True, headers=fault("one-byte")),
            "a refusal of the provider": request(False, headers=fault("status=401")),
            "a failure that is tried again": request(True, headers=fault("status=503")),
        }
        for name, asked in cases.items():
            events, outcome = typed_stream(typed, client, asked)
            ours = await engine_stream(engine, asked)
            # Both wait as their own seed says; how often is the same.
            equal(f"{name}: events", events, ours[0])
            equal(f"{name}: outcome", outcome, ours[1])
        outcome = typed.call("[method]client.chat", client, request(False), {})
        equal("chat", outcome, (await engine_stream(engine, request(False)))[1])

    # The head comes late and then nothing: the bound of silence counts each wait, and is not forgotten between two.
    idle = {"policy": {"idle_timeout_ms": 400, "max_attempts": 1}}
    silent = request(True, headers=fault("slow-first-token;delay_ms=60000"))
    outcome_of_silence = typed.call("[method]client.chat", client, silent, idle)["result"]
    holds("silence ends", outcome_of_silence["type"] == "error" and outcome_of_silence["kind"] == "timeout")
    holds("text came", len(outcome["result"]["choices"][0]["content"][0]["text"]) > 20)
    stream = typed.call("[method]client.stream", client, request(True, headers=fault("stall;after=2")), {})
    holds("a stream begins", typed.call("[method]chat-stream.next", stream))
    typed.call("[method]chat-stream.cancel", stream)
    while typed.call("[method]chat-stream.next", stream) is not None:
        pass
    cancelled = typed.call("[method]chat-stream.outcome", stream)["result"]
    holds("a cancelled stream says so", cancelled["type"] == "error" and cancelled["kind"] == "cancelled")
    stream.drop(typed.store)
    for what, asked in {"an unknown provider": request(True, model="nobody/x"), "no messages": {"model": "openai/x"}}.items():
        try:
            typed.call("[method]client.stream", client, asked, {})
            sys.exit(f"{what} was not refused")
        except Refused as refused:
            holds(f"{what} is refused", refused.args[0]["kind"] in ("unknown_provider", "invalid_request"))
    client.drop(typed.store)
    print(held)


asyncio.run(main())
