"""Reads names of files as pypicloud does, for `tests/tests/with_pypicloud.rs`.

Each line of standard input is a name as JSON, and so is each line of the answer: name and version as the
server keeps them, or what it failed with.
"""

import json
import sys

from pypicloud.util import normalize_name, parse_filename


def read(file):
    try:
        name, version = parse_filename(file)
    except Exception as error:
        return {"error": type(error).__name__}
    # A server makes a `Package` of it, which does this.
    return [normalize_name(name), version]


for line in sys.stdin:
    print(json.dumps(read(json.loads(line))))
