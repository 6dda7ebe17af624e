"""WIBL's submission to an archive, for `cargo xtask bench submit`: what it does with an event, written anew with boto3 and
what that brings along. `sequential` does as the original: it downloads the file to /tmp, reads its tags and posts a form,
and what became of it is nowhere. `remembering` remembers as much as our `submit` does, as somebody would write it today,
with ten requests: the token is read for each file, and a table and a tag say what became of it. Keys are decoded, and the
name of the form's file is that of the object.
"""

import json
import os
import posixpath
import tempfile
from urllib.parse import unquote_plus

import boto3
import urllib3
from boto3.s3.transfer import TransferConfig

PROVIDER = os.environ["PROVIDER_ID"]
URL = os.environ["SUBMIT_URL"]
SECRET = os.environ["PROVIDER_AUTH_SECRET"]
TABLE = os.environ["DELIVERY_TABLE"]
S3 = boto3.client("s3")
TABLES = boto3.client("dynamodb")
SECRETS = boto3.client("secretsmanager")
# What a thread has taken is not counted any more when it has ended.
ALONE = TransferConfig(use_threads=False)


def tags_of(bucket, key):
    tags = S3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def post(key, content, source, token):
    unique = source if source.startswith(PROVIDER) else f"{PROVIDER}-{source}"
    fields = {
        "file": (posixpath.basename(key), content, "application/json"),
        "metadataInput": json.dumps({"uniqueID": unique}, indent=4),
    }
    # A connection of its own for each file, as `requests.post` makes one.
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", URL, fields=fields, headers={"x-auth-token": token})
        if not json.loads(answer.data)["success"]:
            raise RuntimeError(f"{key} was not accepted")


def objects(event):
    for record in event["Records"]:
        yield record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])


def sequential(event, context):
    for bucket, key in objects(event):
        with tempfile.NamedTemporaryFile(dir="/tmp") as local:
            S3.download_file(bucket, key, local.name, Config=ALONE)
            with open(local.name, "rb") as file:
                post(key, file.read(), tags_of(bucket, key)["SourceID"], "s3cret")


def remembering(event, context):
    for bucket, key in objects(event):
        found = S3.head_object(Bucket=bucket, Key=key)
        name = {"object": {"S": f"{bucket}/{key}"}, "version": {"S": found["ETag"]}}
        if "Item" in TABLES.get_item(TableName=TABLE, Key=name, ConsistentRead=True):
            continue
        source = tags_of(bucket, key)["SourceID"]
        token = SECRETS.get_secret_value(SecretId=SECRET)["SecretString"]
        content = S3.get_object(Bucket=bucket, Key=key, IfMatch=found["ETag"])["Body"].read()
        sending = {**name, "state": {"S": "sending"}, "attempts": {"N": "1"}}
        TABLES.put_item(TableName=TABLE, Item=sending, ConditionExpression="attribute_not_exists(object)")
        post(key, content, source, token)
        accepted = {**sending, "state": {"S": "accepted"}}
        TABLES.put_item(
            TableName=TABLE,
            Item=accepted,
            ConditionExpression="#state = :sending",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={":sending": {"S": "sending"}},
        )
        tags = {**tags_of(bucket, key), "SubmissionState": "accepted"}
        tags = [{"Key": key, "Value": value} for key, value in tags.items()]
        S3.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tags})
