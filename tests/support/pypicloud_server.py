"""Serves packages by an unmodified pypicloud, on a free port of 127.0.0.1, for one test.

Started by `tests/src/pypicloud.rs` with the interpreter of the pinned environment. The settings are one
JSON object, the only argument. It writes one line of JSON, `{"port": 40123}`, when it answers, and ends
when standard input closes, which is also what happens when the test process dies.
"""

import inspect
import json
import os
import sys
import threading
from collections import namedtuple
from decimal import Decimal
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

LOOPBACK = "127.0.0.1"


class Whole(Decimal):
    """A number that Python takes where it wants a whole one, as it did before 3.10."""

    def __index__(self):
        return int(self)


def give_back_what_newer_pythons_took():
    """pyramid_duh and flywheel, which pypicloud stands on, are as old as it is."""
    if not hasattr(inspect, "getargspec"):
        spec = namedtuple("ArgSpec", "args varargs keywords defaults")
        inspect.getargspec = lambda function: spec(*inspect.getfullargspec(function)[:4])
    from flywheel.fields.types import DateTimeType

    load = DateTimeType.ddb_load
    DateTimeType.ddb_load = lambda self, value: load(self, Whole(value))


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def end_with_the_test():
    sys.stdin.read()
    os._exit(0)


def main():
    threading.Thread(target=end_with_the_test, daemon=True).start()
    give_back_what_newer_pythons_took()
    from pypicloud import main as application

    app = application({}, **json.loads(sys.argv[1]))
    server = make_server(LOOPBACK, 0, app, Server, Quiet)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


main()
