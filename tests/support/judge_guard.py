"""Has Guard judge a CloudFormation template by the rules of AWS's registry that a package of AWS Labs brings along.

The argument is the template's file. The answer is a JSON document: `rules`, the names of those that there are, and `failed`, of those
that the template fails.
"""

import json
import sys
import sysconfig
from pathlib import Path

from guardpycfn import validate_with_guard

# The package is not imported: it would ask for what a server needs.
RULES = Path(sysconfig.get_path("purelib"), "awslabs/aws_iac_mcp_server/data/default_guard_rules.guard")


def main(file):
    rules = RULES.read_text(encoding="utf-8")
    report = validate_with_guard(Path(file).read_text(encoding="utf-8"), rules, verbose=True)
    assert report["success"], report
    checked = [child["container"]["RuleCheck"] for child in report["result"]["children"]]
    failed = [rule["name"] for rule in checked if rule["status"] == "FAIL"]
    print(json.dumps({"rules": [rule["name"] for rule in checked], "failed": failed}))


main(*sys.argv[1:])
