"""The replicator of the Paco starter, for `cargo xtask bench --handlers`: what it does with an event,
written anew. `sequential` copies to one bucket after another, as it does; `threaded` to all at once, as
somebody would write it today. Keys are decoded, which the original forgets, so that both do the work.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_plus

import boto3

TARGETS = []
for number in range(1, 100):
    bucket = os.environ.get(f"DESTINATION_{number}_BUCKET")
    if not bucket:
        break
    region = os.environ[f"DESTINATION_{number}_REGION"]
    TARGETS.append((bucket, boto3.client("s3", region_name=region)))

POOL = ThreadPoolExecutor(max_workers=32)


def replicate(record, bucket, client):
    source = record["s3"]["bucket"]["name"]
    key = unquote_plus(record["s3"]["object"]["key"])
    if record["eventName"].startswith("ObjectRemoved"):
        client.delete_object(Bucket=bucket, Key=key)
    else:
        client.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": source, "Key": key})


def sequential(event, context):
    for record in event["Records"]:
        for bucket, client in TARGETS:
            replicate(record, bucket, client)


def threaded(event, context):
    work = [
        POOL.submit(replicate, record, bucket, client)
        for record in event["Records"]
        for bucket, client in TARGETS
    ]
    for done in work:
        done.result()
