"""What pypicloud's `ppc-create-s3-sync` puts into a function, for `cargo xtask bench cache-sync`: what it does with
an event, written anew with boto3 alone, which is less than it loads itself. It looks at the object, asks the index
for the file, and writes file and summary. Keys are decoded and a file that is known is written anew, both of
which the original does not, so that both do the work.
"""

import os
import posixpath
import re
from urllib.parse import unquote_plus

import boto3

BUCKET = os.environ["PACKAGE_BUCKET"]
PACKAGES = os.environ["PACKAGE_TABLE"]
SUMMARIES = os.environ["SUMMARY_TABLE"]
S3 = boto3.client("s3")
TABLES = boto3.client("dynamodb")

NAME = re.compile(r"([a-z0-9_]+([.-][a-z_][a-z0-9_]*)*)-([a-z0-9_.+-]+)\.tar\.gz$", re.IGNORECASE)


def handle(event, context):
    for record in event["Records"]:
        key = unquote_plus(record["s3"]["object"]["key"])
        found = S3.head_object(Bucket=BUCKET, Key=key)
        file = posixpath.basename(key)
        match = NAME.match(file)
        name = re.sub(r"[-_.]+", "-", match.group(1)).lower()
        modified = {"N": str(found["LastModified"].timestamp())}
        TABLES.get_item(TableName=PACKAGES, Key={"filename": {"S": file}})
        package = {
            "filename": {"S": file},
            "name": {"S": name},
            "version": {"S": match.group(3)},
            "last_modified": modified,
            "data": {"M": {"path": {"S": key}}},
        }
        TABLES.put_item(TableName=PACKAGES, Item=package)
        TABLES.put_item(TableName=SUMMARIES, Item={"name": {"S": name}, "last_modified": modified})
