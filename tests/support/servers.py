"""Runs moto for one test process: on a free loopback port, as `engine.py` of cloudwright-deploy runs ministack.

Started by `tests/src/engine.rs` with the interpreter of the pinned environment. It writes one line
of JSON, `{"port": 40123}`, when it answers, and ends itself when standard input closes, which is
also what happens when the test process dies.
"""

import json
import os
import sys

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(json.dumps({"port": port}), flush=True)
sys.stdin.read()
os._exit(0)
