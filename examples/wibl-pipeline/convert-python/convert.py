"""Turns the raw file of a logger (`.wibl`) into GeoJSON for the next stage.

It stands for the science code of a data team, so its format is a small one:

    WIBL <vessel> <logger>
    <time>,<longitude>,<latitude>,<depth in metres>
    ..
"""

import json
import os
import urllib.parse

import boto3

S3 = boto3.client("s3")
ENDING = ".wibl"


def handler(event, _context):
    """Converts every object of an event; tries all of them before it fails."""
    mistakes = []
    for bucket, key in objects(event):
        try:
            convert(bucket, key)
        except Exception as mistake:  # whatever is wrong with this one, the next is tried
            mistakes.append(f"{bucket}/{key}: {mistake}")
    if mistakes:
        # A failure is an exception: whatever is returned counts as success.
        raise ValueError("; ".join(mistakes))


def objects(event):
    """The objects of an event: of S3, with that in a message of SQS or SNS, or of EventBridge."""
    if "detail" in event:
        return [(event["detail"]["bucket"]["name"], event["detail"]["object"]["key"])]
    if event.get("Event") == "s3:TestEvent":
        return []
    found = []
    for record in event["Records"]:
        message = record.get("body") or record.get("Sns", {}).get("Message")
        if message is not None:
            found += objects(json.loads(message))
            continue
        # A key in an event of S3 is written as a form writes it.
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"], errors="strict")
        found.append((record["s3"]["bucket"]["name"], key))
    return found


def convert(bucket, key):
    """Writes the soundings of an object, and tags what they come from."""
    raw = S3.get_object(Bucket=bucket, Key=key)["Body"].read()
    vessel, logger, soundings = parse(raw.decode("utf-8"))
    collection = {
        "type": "FeatureCollection",
        "properties": {"platform": {"uniqueID": vessel, "type": "Ship"}},
        "features": [feature(*sounding) for sounding in soundings],
    }
    tags = {"SourceID": vessel, "Logger": logger, "Soundings": len(soundings)}
    S3.put_object(
        Bucket=os.environ["OUTPUT_BUCKET"],
        Key=os.environ.get("OUTPUT_PREFIX", "") + output_key(key),
        Body=json.dumps(collection).encode(),
        ContentType="application/geo+json",
        Tagging=urllib.parse.urlencode(tags),
    )


def output_key(key):
    """Replaces the ending, in any case, and nothing else of the key."""
    if key.lower().endswith(ENDING):
        return key[: -len(ENDING)] + ".json"
    return key


def parse(text):
    """The vessel, the logger and the soundings of a file."""
    head, *lines = text.splitlines() or [""]
    words = head.split()
    if len(words) != 3 or words[0] != "WIBL":
        raise ValueError(f"the first line is `WIBL <vessel> <logger>`, got {head[:40]!r}")
    soundings = [sounding(number, line) for number, line in enumerate(lines, 2) if line]
    if not soundings:
        raise ValueError("there is no sounding in it")
    return words[1], words[2], soundings


def sounding(number, line):
    """The time, the place and the depth of a line."""
    fields = line.split(",")
    if len(fields) != 4:
        raise ValueError(f"line {number} has four fields, got {len(fields)}")
    longitude, latitude, depth = (float(field) for field in fields[1:])
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"line {number} is nowhere on earth: {longitude}, {latitude}")
    return fields[0], longitude, latitude, depth


def feature(time, longitude, latitude, depth):
    """A sounding as GeoJSON has it."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {"depth": depth, "time": time},
    }
