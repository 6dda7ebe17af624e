"""Commands of Systems Manager to servers by their tags, for the local AWS.

`engine.rs` puts this before `engine.py`. The engine sends commands to servers that run in it, by their ids. A
command by tags is judged here as AWS judges it, on the document and on servers with these tags; it is held
against the model of the API (lengths, patterns, limits), which the SDK has and does not check; and it is written
down, where `aws ssm list-commands` finds it. Nothing runs.
"""

import itertools
import json
import re
import time
from contextvars import ContextVar

# What the request that is judged asks for.
asked = ContextVar("asked", default={})


def take_commands():
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import ssm

    named, enforce, sent = iam_actions.extract_resource_arn, iam_evaluator.enforce, ssm._send_command

    def on_document(service, method, path, headers, body, *place):
        if headers.get("x-amz-target") != "AmazonSSM.SendCommand":
            return named(service, method, path, headers, body, *place)
        command = read(body)
        asked.set(command)
        _, region, account = place
        document = str(command.get("DocumentName"))
        owner = "" if document.startswith(("AWS-", "AWSSupport-")) else account
        return document if document.startswith("arn:") else f"arn:aws:ssm:{region}:{owner}:document/{document}"

    def on_servers(key, action, service, region, resource_arn="*", service_context=None):
        denied = enforce(key, action, service, region, resource_arn, service_context)
        if action != "ssm:SendCommand":
            return denied
        account = resource_arn.split(":")[4] or "000000000000"
        server = f"arn:aws:ec2:{region}:{account}:instance/i-00000000000000000"
        for tags in servers(asked.get()):
            denied = denied or enforce(key, action, service, region, server, tags)
        return denied

    def take(command):
        if command.get("InstanceIds") or not tagged(command):
            return sent(command)
        wrong = list(violations(model(), command, "command"))
        if wrong:
            return ssm.error_response_json("ValidationException", "; ".join(wrong), 400)
        taken = noted(command, ssm.new_uuid(), ssm.get_region())
        ssm._commands[taken["CommandId"]] = taken
        return ssm.json_response({"Command": taken})

    iam_actions.extract_resource_arn = on_document
    iam_evaluator.enforce = on_servers
    ssm._send_command = take


def read(body):
    try:
        command = json.loads(body or b"{}")
    except ValueError:
        return {}
    return command if isinstance(command, dict) else {}


def tagged(command):
    targets = command.get("Targets") or []
    return [target for target in targets if str(target.get("Key")).startswith("tag:")]


def servers(command):
    """The tags of servers that a command reaches: all keys, with each of their values."""
    pairs = [
        [(f"aws:ResourceTag/{target['Key'].removeprefix('tag:')}", value) for value in target.get("Values", [])]
        for target in tagged(command)
    ]
    return [dict(tags) for tags in itertools.product(*pairs)] if pairs else []


def noted(command, number, region):
    now = time.time()
    return {
        "DocumentVersion": "$DEFAULT",
        "MaxConcurrency": "50",
        "MaxErrors": "0",
        "TimeoutSeconds": 3600,
        **command,
        "CommandId": number,
        "ExpiresAfter": now + command.get("TimeoutSeconds", 3600),
        "RequestedDateTime": now,
        "OutputS3Region": region,
        "InstanceIds": [],
        "TargetCount": 0,
        "CompletedCount": 0,
        "ErrorCount": 0,
        # What AWS says where no server has the tags.
        "Status": "Success",
        "StatusDetails": "NoInstancesInTag",
    }


def model():
    """The shape of the request, read once: it is large."""
    global known
    if known is None:
        from botocore.session import Session

        known = Session().get_service_model("ssm").operation_model("SendCommand").input_shape
    return known


known = None


def violations(shape, value, place):
    """What a value has that the model of the API does not allow."""
    kind, limits = shape.type_name, shape.metadata
    types = {"structure": dict, "map": dict, "list": list, "string": str, "integer": int, "boolean": bool}
    if not isinstance(value, types.get(kind, object)):
        yield f"{place}: got {value!r}, expected a {kind}"
        return
    size = value if kind == "integer" else len(value) if hasattr(value, "__len__") else None
    if size is not None and not limits.get("min", size) <= size <= limits.get("max", size):
        yield f"{place}: got {size}, expected {limits.get('min', 0)} to {limits.get('max', 'any')}"
    if kind == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{place}: {name} is missing"
        for name, inner in value.items():
            if name in shape.members:
                yield from violations(shape.members[name], inner, f"{place}.{name}")
            else:
                yield f"{place}: {name} is not known"
    elif kind == "map":
        for name, inner in value.items():
            yield from violations(shape.key, name, f"{place} key")
            yield from violations(shape.value, inner, f"{place}.{name}")
    elif kind == "list":
        for number, inner in enumerate(value):
            yield from violations(shape.member, inner, f"{place}[{number}]")
    elif kind == "string":
        yield from misspelt(limits, value, place)


def misspelt(limits, text, place):
    if limits.get("enum") and text not in limits["enum"]:
        yield f"{place}: got {text!r}, expected one of {limits['enum']}"
    # Letters, figures and spaces of all alphabets are called otherwise here.
    pattern = limits.get("pattern", "")
    for theirs, ours in (("\\p{L}", "\\w"), ("\\p{N}", "\\w"), ("\\p{Z}", "\\s")):
        pattern = pattern.replace(theirs, ours)
    if not re.search(pattern, text):
        yield f"{place}: got {text!r}, expected what fits {limits['pattern']}"


