"""Lets soundings that make sense pass, with their tags, and refuses a file with too many that do not.

It stands for the checks of a data team. How many faults a file may have is in the file behind `WIBL_CONFIG_FILE`.
"""

import json
import os
import pathlib
import urllib.parse

import boto3

S3 = boto3.client("s3")
DEEPEST = 11_000  # metres


def configuration():
    """The settings of this package."""
    file = os.environ.get("WIBL_CONFIG_FILE", "configure.json")
    return json.loads(pathlib.Path(__file__).with_name(file).read_text())


def handler(event, _context):
    """Checks every object of an event; tries all of them before it fails."""
    settings = configuration()
    mistakes = []
    for bucket, key in objects(event):
        try:
            validate(bucket, key, settings)
        except Exception as mistake:  # whatever is wrong with this one, the next is tried
            mistakes.append(f"{bucket}/{key}: {type(mistake).__name__}: {mistake}")
    if mistakes:
        # A failure is an exception: whatever is returned counts as success.
        raise ValueError("; ".join(mistakes))


def objects(event):
    """The objects of an event of a topic, with that of S3 in its message."""
    found = []
    for record in event["Records"]:
        message = record.get("Sns", {}).get("Message")
        if message is not None:
            found += objects({"Records": [], **json.loads(message)})
            continue
        # A key in an event of S3 is written as a form writes it.
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"], errors="strict")
        found.append((record["s3"]["bucket"]["name"], key))
    return found


def validate(bucket, key, settings):
    """Copies an object and its tags to where valid files lie."""
    collection = json.loads(S3.get_object(Bucket=bucket, Key=key)["Body"].read())
    tags = S3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    tags = {tag["Key"]: tag["Value"] for tag in tags}
    if not tags.get("SourceID"):
        raise ValueError("it has no tag SourceID, or an empty one")
    check(collection, settings)
    S3.put_object(
        Bucket=os.environ["OUTPUT_BUCKET"],
        Key=os.environ.get("OUTPUT_PREFIX", "") + key,
        Body=json.dumps(collection).encode(),
        ContentType="application/geo+json",
        Tagging=urllib.parse.urlencode(tags),
    )


def check(collection, settings):
    """Drops soundings that make no sense, and refuses a file that has too many of them, or nothing else."""
    features = collection["features"]
    good = [one for one in features if 0 < one["properties"]["depth"] <= DEEPEST]
    faults = len(features) - len(good)
    allowed = 0 if settings["strict_mode"] else settings["fault_limit"]
    if faults > allowed:
        raise ValueError(f"{faults} soundings make no sense, at most {allowed} may")
    if not good:
        raise ValueError("no sounding in it makes sense")
    collection["features"] = good
