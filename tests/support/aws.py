"""A signed AWS client that speaks lines of JSON, over the SDK that ministack brings along.

Started by `tests/src/aws.rs`. A request names `service`, `operation`, `params`, `region`, `key` and
`secret`; the answer is `{"value": ...}` or `{"error": {"code": ..., "message": ...}}`. Bytes of an
answer are given as text (they are bodies and messages in these tests). A parameter `BodyFile` names
the file that is to be the body, `SaveBody` the file that the body of the answer goes into.
"""

import datetime
import json
import sys
from pathlib import Path

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

ENDPOINT = sys.argv[1]
CONFIG = Config(
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    connect_timeout=120,
    read_timeout=300,
)
# What may be sent twice when nobody knows whether it arrived. Nothing else is: a test counts messages.
REPEATABLE = ("Put", "Get", "Head", "List", "Describe")
ATTEMPTS = 5
session = botocore.session.Session()
clients = {}


def close(request, **_):
    """A connection that waits for the next request may be closed by a busy engine just when it is sent."""
    request.headers["Connection"] = "close"


session.register("before-send", close)


def client(service, region, key, secret, token):
    wanted = (service, region, key, secret, token)
    if wanted not in clients:
        clients[wanted] = session.create_client(
            service,
            region_name=region,
            endpoint_url=ENDPOINT,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=CONFIG,
        )
    return clients[wanted]


def answer(request):
    service = client(*(request.get(name) for name in ("service", "region", "key", "secret", "token")))
    params = request["params"]
    if "BodyFile" in params:
        params["Body"] = Path(params.pop("BodyFile")).read_bytes()
    save = params.pop("SaveBody", None)
    try:
        value = called(service, request["operation"], params)
        if save:
            Path(save).write_bytes(value.pop("Body").read())
        return {"value": plain(value)}
    except ClientError as refused:
        error = refused.response["Error"]
        return {"error": {"code": error["Code"], "message": error.get("Message", "")}}
    except (BotoCoreError, AttributeError) as problem:
        return {"error": {"code": type(problem).__name__, "message": str(problem)}}


def called(service, operation, params):
    call = getattr(service, xform_name(operation))
    repeats = ATTEMPTS - 1 if operation.startswith(REPEATABLE) else 0
    for _ in range(repeats):
        try:
            return call(**params)
        except ConnectionClosedError:
            pass
    return call(**params)


def plain(value):
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if name != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return plain(value.read()) if hasattr(value, "read") else value


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
