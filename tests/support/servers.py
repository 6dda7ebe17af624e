"""Runs moto for one test process: on a free loopback port, as `engine.py` of cloudwright-deploy runs ministack.

Started by `tests/src/engine.rs` with the interpreter of the pinned environment. It writes one line
of JSON, `{"port": 40123}`, when it answers, and ends itself when standard input closes, which is
also what happens when the test process dies.

Behind `commands.py` of the local AWS, by which commands are held against the model of the API: moto takes any.
"""

import json
import os
import sys

from moto.server import ThreadedMotoServer
from moto.ssm.exceptions import ValidationException
from moto.ssm.responses import SimpleSystemManagerResponse

sent = SimpleSystemManagerResponse.send_command


def checked(response):
    wrong = list(violations(model(), json.loads(response.body), "command"))
    if wrong:
        raise ValidationException("; ".join(wrong))
    return sent(response)


SimpleSystemManagerResponse.send_command = checked
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(json.dumps({"port": port}), flush=True)
sys.stdin.read()
os._exit(0)
