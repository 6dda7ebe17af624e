"""Akamai-s3-ns-sync's function, for `cargo xtask bench forward`: what it does with an event, written anew with boto3.
`original` does as the original: all records of an event become one message, in the group of this second, by a client that is made
for it, and two lines are logged. `sequential` is the same with a client that is kept and no log. `threaded` keeps it too and sends a
message for each record, in the group of its object, as somebody would write it today. Records without an ETag do not end them, and
keys are decoded.
"""

import hashlib
import json
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_plus

import boto3

URL = os.environ["QUEUE_URL"]
SQS = boto3.client("sqs")
LOG = logging.getLogger("forward")
LOG.setLevel(logging.INFO)
POOL = ThreadPoolExecutor(max_workers=10)


def told(record):
    changed = record["s3"]["object"]
    return {
        "eventName": record["eventName"],
        "bucket": record["s3"]["bucket"]["name"],
        "key": unquote_plus(changed["key"]),
        "etag": changed.get("eTag"),
        "sequencer": changed["sequencer"],
    }


def together(client, event):
    records = []
    for record in event["Records"]:
        records.append(told(record))
    client.send_message(QueueUrl=URL, MessageBody=json.dumps(records), MessageGroupId=str(int(time.time())))
    return records


def original(event, context):
    LOG.info("%d records came", len(event["Records"]))
    records = together(boto3.client("sqs"), event)
    LOG.info("in the queue: %s", records)


def sequential(event, context):
    together(SQS, event)


def digest(*parts):
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()


def send(record):
    message = told(record)
    SQS.send_message(
        QueueUrl=URL,
        MessageBody=json.dumps(message),
        MessageGroupId=digest(message["bucket"], message["key"]),
        MessageDeduplicationId=digest(*message.values()),
    )


def threaded(event, context):
    for done in [POOL.submit(send, record) for record in event["Records"]]:
        done.result()
