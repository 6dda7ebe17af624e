"""Akamai-s3-ns-sync's function, for `cargo xtask bench forward`: what it does with an event, written anew with boto3.
`sequential` does as the original: all records of an event become one message, in the group of this second. `threaded` sends a
message for each record, in the group of its object, as somebody would write it today. Both have one client where the original
makes one for each event, which would cost more than everything else. Records without an ETag do not end them, and keys are decoded.
"""

import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_plus

import boto3

URL = os.environ["QUEUE_URL"]
SQS = boto3.client("sqs")
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


def sequential(event, context):
    records = []
    for record in event["Records"]:
        records.append(told(record))
    SQS.send_message(QueueUrl=URL, MessageBody=json.dumps(records), MessageGroupId=str(int(time.time())))


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
