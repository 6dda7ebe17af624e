"""Runs ministack: on a free loopback port, with IAM on, as if behind TLS.

Started by `engine.rs` with the interpreter of the pinned environment. It writes one line of JSON,
`{"port": 40123}`, when the engine answers. Whoever started it keeps its standard input open: when that
closes, also because the process died, it ends itself, its handlers and its temporary folder.

With a folder and a version as arguments it stays instead, in a session of its own. It holds a lock on
`engine.lock` of that folder for all its life, notes where it is in `state.json`, tells who it is and what it
knows at `/_cloudwright/engine`, and ends when it is told to at `/_cloudwright/stop` by somebody who knows its
process id. Pages of a browser are refused: they could sign any request, since every key is known.

A template that is secure by default denies every request without TLS. AWS is only ever reached
through TLS; here the engine is told that something in front of it has ended the TLS connection.
"""

import asyncio
import dataclasses
import fcntl
import hashlib
import inspect
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.request
from contextvars import ContextVar

LOOPBACK = "127.0.0.1"
PATIENCE_SECONDS = 150
# The folder of an engine that stays; none for one that ends with its owner.
STAYS_IN = sys.argv[1] if len(sys.argv) > 1 else None
VERSION = sys.argv[2] if len(sys.argv) > 2 else None
# Types that stacks may have and that do nothing here, with the form of their physical ids.
RECORDED = {
    "AWS::ApplicationAutoScaling::ScalableTarget":
        "{p[ResourceId]}|{p[ScalableDimension]}|{p[ServiceNamespace]}",
    "AWS::ApplicationAutoScaling::ScalingPolicy":
        "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{id}:resource/{p[PolicyName]}",
    "AWS::CloudWatch::CompositeAlarm": "{p[AlarmName]}",
    "AWS::EC2::EIP": "192.0.2.{octet}",
    "AWS::EC2::NatGateway": "nat-{id}",
    "AWS::EC2::SecurityGroupEgress": "sgr-{id}",
    "AWS::EC2::SecurityGroupIngress": "sgr-{id}",
    "AWS::Events::Archive": "{p[ArchiveName]}",
    "AWS::SSM::Association": "{id}",
    "AWS::SSM::Document": "{p[Name]}",
}


def main():
    # A process group of its own: the handlers that the engine starts end with it.
    if STAYS_IN:
        os.setsid()
        be_the_only_one()
    else:
        os.setpgid(0, 0)
        threading.Thread(target=end_with_its_owner, daemon=True).start()
    listener = socket.socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((LOOPBACK, 0))
    port = listener.getsockname()[1]
    configure(port)
    from ministack.app import app  # reads its settings when it is imported

    consider_background_work_secure()
    judge_batches_as_their_messages()
    judge_streams_by_themselves()
    tell_who_changed_an_object()
    name_the_role_that_comes_from_another_account()
    copy_between_accounts()
    let_a_stack_adopt_a_bucket()
    leave_secrets_empty()
    know_images_for_both_processors()
    take_images(port)
    record_what_is_unknown()
    take_commands()
    move_dead_letters()
    look_at_alarms()
    threading.Thread(target=announce, args=(port,), daemon=True).start()
    serve(known_to_its_owner(behind_tls(app)), listener)
    end()


def be_the_only_one():
    """Holds the lock of the folder until this process ends, however it does, and uses a temporary folder of its
    own."""
    global only_one
    only_one = open(os.path.join(STAYS_IN, "engine.lock"), "w", encoding="utf-8")
    fcntl.flock(only_one, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.environ["TMPDIR"] = os.path.join(STAYS_IN, f"tmp-{os.getpid()}")
    os.makedirs(os.environ["TMPDIR"], exist_ok=True)


def configure(port):
    endpoint = f"http://{LOOPBACK}:{port}"
    os.environ.update(
        AUTH="true",
        BIND_HOST=LOOPBACK,
        MINISTACK_HOST=LOOPBACK,
        GATEWAY_PORT=str(port),
        LOG_LEVEL="WARNING",
        # Handlers see the engine's own settings: without an endpoint they would call AWS.
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_EC2_METADATA_DISABLED="true",
    )


def consider_background_work_secure():
    """Deliveries and polls have no request: their transport is the default of this variable."""
    from ministack.core import iam_evaluator

    found = getattr(iam_evaluator, "_request_origin", None)
    if not isinstance(found, ContextVar) or found.get() != (LOOPBACK, False):
        sys.exit("ministack has changed: its request origin is not an (address, secure) variable")
    iam_evaluator._request_origin = ContextVar("secure_origin", default=(LOOPBACK, True))
    context = iam_evaluator.EvalContext("*", "Anonymous", "", "s3:GetObject", "*", "us-east-1")
    if context.secure_transport is not True:
        sys.exit("ministack has changed: an evaluation context does not take its request origin")


def judge_batches_as_their_messages():
    """A batch of SQS needs the right to send, delete or hide a message; there is none for batches."""
    from ministack.core import iam_actions

    named = iam_actions._action_from_target
    headers = {"x-amz-target": "AmazonSQS.SendMessageBatch"}
    if named(headers) != "SendMessageBatch":
        sys.exit("ministack has changed: an action is not the name in the request's target")

    def judged(headers):
        name = named(headers)
        of_sqs = headers.get("x-amz-target", "").startswith("AmazonSQS.")
        return name.removesuffix("Batch") if of_sqs and name else name

    iam_actions._action_from_target = judged


def judge_streams_by_themselves():
    """What reads a stream needs the right on the stream; the engine knows tables only, and wants it on everything."""
    import json

    from ministack.core import iam_actions
    from ministack.services import dynamodb_streams

    known = iam_actions.extract_resource_arn
    if not hasattr(dynamodb_streams, "_decode_iterator"):
        sys.exit("ministack has changed: an iterator does not tell its stream")

    def judged(service, method, path, headers, body, *more, **named):
        stream = None
        if headers.get("x-amz-target", "").startswith("DynamoDBStreams_"):
            try:
                asked = json.loads(body or b"{}")
                stream = asked.get("StreamArn")
                if asked.get("ShardIterator"):
                    stream = (dynamodb_streams._decode_iterator(asked["ShardIterator"]) or {}).get("arn")
            except (ValueError, AttributeError):
                pass
        return stream if isinstance(stream, str) else known(service, method, path, headers, body, *more, **named)

    iam_actions.extract_resource_arn = judged


def tell_who_changed_an_object():
    """S3 names the session of a role in its events; the engine always says EXAMPLE."""
    from ministack.core import iam_evaluator
    from ministack.services import s3

    fire = s3._fire_s3_event
    if "record_extra" not in inspect.signature(fire).parameters:
        sys.exit("ministack has changed: a record of S3 cannot be added to")

    def named(*arguments, **options):
        session = iam_evaluator.caller_arn().rsplit("/", 1)[-1]
        who = {"userIdentity": {"principalId": f"AWS:AROAEXAMPLE:{session}"}}
        options["record_extra"] = {**who, **(options.get("record_extra") or {})}
        return fire(*arguments, **options)

    s3._fire_s3_event = named


def name_the_role_that_comes_from_another_account():
    """A bucket's policy judges a role of another account by its ARN; the engine shows it only that
    account's root."""
    from ministack.core import iam_evaluator

    judge = iam_evaluator.evaluate_resource_policy
    known = {field.name for field in dataclasses.fields(iam_evaluator.EvalContext)}
    if not {"principal_arn", "principal_type", "principal_account"} <= known:
        sys.exit("ministack has changed: an evaluation context does not say who asks")

    def judged(document, context, *arguments, **options):
        account, caller = context.principal_account, iam_evaluator.caller_arn()
        session = f"arn:aws:sts::{account}:assumed-role/"
        if context.principal_type == "Root" and caller.startswith(session):
            role = caller.removeprefix(session).split("/")[0]
            arn = f"arn:aws:iam::{account}:role/{role}"
            who = {"principal_arn": arn, "principal_type": "AssumedRole"}
            context = dataclasses.replace(context, **who)
        return judge(document, context, *arguments, **options)

    iam_evaluator.evaluate_resource_policy = judged


def copy_between_accounts():
    """A copy into another account's bucket reads its source there, too; the engine looks for the source
    among the buckets of the destination's owner. For the time of the copy it finds it there."""
    from ministack.core.responses import get_account_id
    from ministack.services import s3

    stores = (s3._buckets, s3._object_versions, s3._object_tags)
    if not all(hasattr(store, "_data") for store in stores):
        sys.exit("ministack has changed: S3 keeps its objects in another way")

    def lending(copy):
        def lent(*arguments):
            source = arguments[-1].get("x-amz-copy-source", "").lstrip("/").split("/")[0]
            owner, here = s3._bucket_owner_account(source), get_account_id()
            if owner in (None, here):
                return copy(*arguments)
            added = []
            for store in stores:
                for (account, key), value in list(store._data.items()):
                    name = key[0] if isinstance(key, tuple) else key
                    if account == owner and name == source:
                        store._data[(here, key)] = value
                        added.append((store, (here, key)))
            try:
                return copy(*arguments)
            finally:
                for store, key in added:
                    del store._data[key]

        return lent

    s3._copy_object = lending(s3._copy_object)
    s3._upload_part_copy = lending(s3._upload_part_copy)


def let_a_stack_adopt_a_bucket():
    """A bucket that a change set imports is there already: to the engine, that is a conflict of names."""
    from ministack.services import cloudformation
    from ministack.services.cloudformation import stacks

    found = stacks._validation_errors
    if list(inspect.signature(found).parameters)[6] != "stack_id":
        sys.exit("ministack has changed: its validation is not told the stack at this place")

    def without_adopted(*arguments, **options):
        stack_id = arguments[6]
        adopted = {
            logical_id
            for change_set in cloudformation._change_sets.values()
            if change_set.get("StackId") == stack_id
            for logical_id in change_set.get("_import_existing") or {}
        }
        errors = found(*arguments, **options)
        conflict = "NAME_CONFLICT_VALIDATION"
        return [error for error in errors if not (error[2] == conflict and error[0] in adopted)]

    stacks._validation_errors = without_adopted


def leave_secrets_empty():
    """A secret without a value in its template has none until it is filled; the engine makes it an empty text."""
    from ministack.services import secretsmanager
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS.get("AWS::SecretsManager::Secret", {})
    create = handlers.get("create")
    if create is None or not hasattr(secretsmanager, "_secrets"):
        sys.exit("ministack has changed: it makes secrets in another way")

    def created(logical_id, properties, stack_name):
        name, attributes = create(logical_id, properties, stack_name)
        if not {"SecretString", "GenerateSecretString"} & set(properties or {}):
            secretsmanager._secrets[name]["Versions"] = {}
        return name, attributes

    handlers["create"] = created


def know_images_for_both_processors():
    """Amazon tells the newest image of its Linux for either processor; the engine knows those for one."""
    from ministack.services import ssm

    known = getattr(ssm, "_PUBLIC_AMI_PARAMETERS", None)
    if not known:
        sys.exit("ministack has changed: it knows images in another way")
    for name, image in list(known.items()):
        known.setdefault(name.replace("x86_64", "arm64"), image)


def record_what_is_unknown():
    """Types that the engine refuses become records: their stacks can be deployed, and nothing acts on them."""
    from ministack.core.responses import get_account_id, get_region
    from ministack.services.cloudformation import provisioners

    known = provisioners._RESOURCE_HANDLERS
    if "AWS::SQS::Queue" not in known:
        sys.exit("ministack has changed: its table of types is another")

    def recorded(kind, form):
        def create(logical_id, properties, stack_name):
            mark = hashlib.sha256(f"{stack_name}/{logical_id}".encode()).hexdigest()
            made_up = f"{stack_name}-{logical_id}-{mark[:12].upper()}"
            given = Named(made_up, properties)
            place = {"region": get_region(), "account": get_account_id(), "octet": int(mark[:2], 16)}
            physical_id = form.format(p=given, id=mark[:17], **place)
            attributes = {"Arn": f"arn:aws:recorded:{place['region']}:{place['account']}:{physical_id}"}
            if kind == "AWS::EC2::EIP":
                attributes = {"AllocationId": f"eipalloc-{mark[:17]}", "PublicIp": physical_id}
            return physical_id, attributes

        def update(physical_id, _before, _after, _stack_name):
            return physical_id, {}

        def delete(_physical_id, _properties):
            pass

        return {"create": create, "update": update, "delete": delete}

    for kind in [kind for kind in RECORDED if kind in known]:
        del RECORDED[kind]  # the engine has learned it
    known.update({kind: recorded(kind, form) for kind, form in RECORDED.items()})


class Named(dict):
    """Properties; a name that is not given is made up."""

    def __init__(self, made_up, properties):
        super().__init__(properties or {})
        self.made_up = made_up

    def __missing__(self, _name):
        return self.made_up


def known_to_its_owner(app):
    """Tells which engine this is, what it knows, and ends it for whoever says whom he means."""

    async def answering(scope, receive, send):
        path = scope.get("path", "")
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and not is_from_here(headers):
            return await reply(send, 403, {"message": "pages of a browser are not answered"})
        if scope["type"] != "http" or not path.startswith("/_cloudwright/"):
            return await app(scope, receive, send)
        named = headers.get(b"x-cloudwright-process", b"").decode() == str(os.getpid())
        if path == "/_cloudwright/engine":
            await reply(send, 200, who_this_is())
        elif path == "/_cloudwright/stop" and scope["method"] == "POST" and named and STAYS_IN:
            await reply(send, 200, {"stop": "ok"})
            threading.Timer(0.1, end).start()
        else:
            await reply(send, 404, {})

    return answering


def is_from_here(headers):
    """Whether a request is one of a program: those of pages say their origin, or come by a name that somebody
    has led here."""
    host = headers.get(b"host", LOOPBACK.encode()).decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1").partition("://")[2]
    return is_loopback(host) and (b"origin" not in headers or is_loopback(origin))


def is_loopback(place):
    name = place.rpartition(":")[0] if ":" in place else place
    return name in (LOOPBACK, "localhost") or name.endswith(".localhost")


def who_this_is():
    from ministack.services.cloudformation import provisioners

    types = sorted(set(provisioners._RESOURCE_HANDLERS) - set(RECORDED))
    who = {"process": os.getpid(), "folder": STAYS_IN, "version": VERSION}
    return {**who, "types": types, "recorded": sorted(RECORDED)}


async def reply(send, status, document):
    body = json.dumps(document).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def behind_tls(app):
    """What a proxy that ends TLS adds to every request."""

    async def forwarded(scope, receive, send):
        if scope["type"] == "http":
            headers = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-proto"]
            scope = {**scope, "headers": [*headers, (b"x-forwarded-proto", b"https")]}
        await app(scope, receive, send)

    return forwarded


def serve(app, listener):
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.loglevel = "WARNING"
    asyncio.run(hypercorn_serve(app, config))


def announce(port):
    """Says where the engine is, once it answers and listens nowhere else."""
    health = f"http://{LOOPBACK}:{port}/_ministack/health"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(health, timeout=2) as answer:
                report = json.load(answer)
                break
        except OSError as problem:
            if time.monotonic() > deadline:
                give_up(f"ministack does not answer within {PATIENCE_SECONDS} s: {problem}")
            time.sleep(0.05)
    if report.get("auth") != "enabled":
        give_up(f"ministack evaluates no IAM policy: {report}")
    exposed = [address for address in listening() if address[0] != LOOPBACK]
    if exposed:
        give_up(f"ministack listens beyond loopback: {exposed}")
    if STAYS_IN:
        note_state({"process": os.getpid(), "port": port})
    try:
        print(json.dumps({"port": port}), flush=True)
    except BrokenPipeError:
        pass  # whoever started it was stopped; the next one finds it
    finally:
        if STAYS_IN:
            os.dup2(2, 1)  # whoever reads standard output is gone soon


def note_state(state):
    path = os.path.join(STAYS_IN, "state.json")
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(f"{path}.new", path)


def forget_state():
    path = os.path.join(STAYS_IN, "state.json")
    try:
        with open(path, encoding="utf-8") as file:
            is_own = json.load(file)["process"] == os.getpid()
        if is_own:
            os.remove(path)
    except (OSError, ValueError, KeyError):
        pass  # it was never written, or somebody has tidied up


def listening():
    """The (address, port) pairs on which this process listens, as the kernel tells; Linux does."""
    if not os.path.isdir("/proc/self/net"):
        return
    own = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            own.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        except OSError:
            pass  # closed since it was listed
    for table in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
        with open(table, encoding="ascii") as rows:
            for row in list(rows)[1:]:
                fields = row.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                    yield address_of(fields[1])


def address_of(field):
    address, port = field.split(":")
    if len(address) == 8:
        address = socket.inet_ntoa(bytes.fromhex(address)[::-1])
    return address, int(port, 16)


def give_up(why):
    print(why, file=sys.stderr, flush=True)
    end()


def end_with_its_owner():
    sys.stdin.buffer.read()
    end()


def end():
    if STAYS_IN:
        forget_state()
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


main()
