"""Akamai-s3-ns-sync's container, for `cargo xtask bench worker`: what it does until its queue is empty, written anew with boto3
and what that brings along. `sequential` does as the original: it receives five messages, and for each object of each of them
downloads it, uploads it with a signature, and removes the message. `threaded` does the same for ten messages at once, on 16
threads, as somebody would write it today. Both are kinder to themselves than the original, which makes a client for each request,
connects to NetStorage for each object and writes each object to a file: here clients, connections and contents are kept.
Nothing is looked at a second time, and no order is kept.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import boto3
import urllib3
from botocore.config import Config

QUEUE = os.environ["QUEUE_URL"]
HOST = os.environ["NS_HOSTNAME"]
USER = os.environ["NS_USER"]
KEY = os.environ["NS_KEY"].encode()
CP_CODE = os.environ["NS_CPCODE"]
THREADS = 16
CONFIG = Config(max_pool_connections=THREADS)
SQS = boto3.client("sqs", config=CONFIG)
S3 = boto3.client("s3", config=CONFIG)
HTTP = urllib3.PoolManager(maxsize=THREADS)
ONCE = itertools.count(1)


def upload(key, content):
    path = quote(f"/{CP_CODE}/{key}")
    action = "version=1&action=upload"
    data = f"5, 0.0.0.0, 0.0.0.0, {int(time.time())}, {next(ONCE)}, {USER}"
    text = f"{data}{path}\nx-akamai-acs-action:{action}\n"
    signature = base64.b64encode(hmac.new(KEY, text.encode(), hashlib.sha256).digest())
    headers = {
        "X-Akamai-ACS-Action": action,
        "X-Akamai-ACS-Auth-Data": data,
        "X-Akamai-ACS-Auth-Sign": signature.decode(),
        "Accept-Encoding": "identity",
    }
    answer = HTTP.request("PUT", HOST + path, body=content, headers=headers, retries=False)
    if answer.status != 200:
        raise RuntimeError(f"{key}: HTTP status {answer.status}")


def carry(message):
    for record in json.loads(message["Body"]):
        content = S3.get_object(Bucket=record["bucket"], Key=record["key"])["Body"].read()
        upload(record["key"], content)
    SQS.delete_message(QueueUrl=QUEUE, ReceiptHandle=message["ReceiptHandle"])


def receive(most):
    answer = SQS.receive_message(
        QueueUrl=QUEUE, AttributeNames=["All"], MaxNumberOfMessages=most, VisibilityTimeout=30, WaitTimeSeconds=0
    )
    return answer.get("Messages", [])


def sequential():
    while messages := receive(5):
        for message in messages:
            carry(message)


def threaded():
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        running = []
        while messages := receive(10):
            running += [pool.submit(carry, message) for message in messages]
        for done in running:
            done.result()


{"sequential": sequential, "threaded": threaded}[sys.argv[1]]()
