"""Has parliament judge every identity policy of CloudFormation templates.

The arguments are files of templates that belong together. The answer is a JSON document: `policies`, how many there were, and
`findings`, each with the template, the policy's logical id, and what parliament says. What only a deployment knows is
replaced by an ARN or a name of the right kind; a reference whose kind is not known here is a finding, too.
"""

import json
import re
import sys
from pathlib import Path

from parliament import analyze_policy_string

PLACE = {"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012",
         "AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "stack", "AWS::NoValue": ""}
HERE = "eu-central-1:123456789012"
# What an attribute that ends in `Arn` is, by the type of its resource.
ARNS = {
    "AWS::ApiGatewayV2::Api": f"arn:aws:execute-api:{HERE}:abc",
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{HERE}:table/it",
    "AWS::ECR::Repository": f"arn:aws:ecr:{HERE}:repository/it",
    "AWS::ECS::Cluster": f"arn:aws:ecs:{HERE}:cluster/it",
    "AWS::ECS::TaskDefinition": f"arn:aws:ecs:{HERE}:task-definition/it:1",
    "AWS::EFS::AccessPoint": f"arn:aws:elasticfilesystem:{HERE}:access-point/fsap-0123456789abcdef0",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/it",
    "AWS::KMS::Key": f"arn:aws:kms:{HERE}:key/00000000-0000-0000-0000-000000000000",
    "AWS::Kinesis::Stream": f"arn:aws:kinesis:{HERE}:stream/it",
    "AWS::Lambda::Alias": f"arn:aws:lambda:{HERE}:function:it:live",
    "AWS::Lambda::Function": f"arn:aws:lambda:{HERE}:function:it",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{HERE}:log-group:it:*",
    "AWS::S3::Bucket": "arn:aws:s3:::it",
    "AWS::SNS::Topic": f"arn:aws:sns:{HERE}:it",
    "AWS::SQS::Queue": f"arn:aws:sqs:{HERE}:it",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{HERE}:secret:it-abcdef",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{HERE}:stateMachine:it",
}
STREAM = f"arn:aws:dynamodb:{HERE}:table/it/stream/2026-01-01"
# Types whose `Ref` is the ARN.
NAMED_BY_ARN = {"AWS::ECS::TaskDefinition", "AWS::Lambda::Alias", "AWS::SNS::Topic", "AWS::SecretsManager::Secret",
                "AWS::StepFunctions::StateMachine"}


class Unknown(Exception):
    """Something that this program does not know the kind of."""


class Templates:
    def __init__(self, files):
        self.templates = {file: json.loads(Path(file).read_text(encoding="utf-8")) for file in files}
        self.exports = {}
        self.outputs = {}
        for template in self.templates.values():
            for name, output in template.get("Outputs", {}).items():
                self.outputs.setdefault(name, (template, output["Value"]))
                if "Export" in output:
                    self.exports[self.text(template, output["Export"]["Name"])] = (template, output["Value"])

    def text(self, template, value):
        """A value as the text that a deployment could make of it."""
        if not isinstance(value, dict):
            return value
        (function, given), = value.items()
        if function == "Ref":
            return self.reference(template, given)
        if function == "Fn::GetAtt":
            identity, attribute = given if isinstance(given, list) else given.split(".", 1)
            return self.attribute(template, identity, attribute)
        if function == "Fn::Join":
            return given[0].join(str(self.text(template, part)) for part in given[1])
        if function == "Fn::Sub":
            return self.substituted(template, *(given if isinstance(given, list) else [given]))
        if function == "Fn::Split":
            return self.text(template, given[1]).split(given[0])
        if function == "Fn::Select":
            return self.text(template, given[1])[int(given[0])]
        if function == "Fn::ImportValue":
            return self.text(*self.exports[self.text(template, given)])
        if function == "Fn::GetStackOutput":
            return self.text(*self.outputs[given["OutputName"]])
        raise Unknown(json.dumps(value))

    def substituted(self, template, text, values=None):
        def value(found):
            name = found.group(1)
            if name in (values or {}):
                return str(self.text(template, values[name]))
            if "." in name:
                return str(self.attribute(template, *name.split(".", 1)))
            return str(self.reference(template, name))

        return re.sub(r"\$\{([^!}]+)\}", value, text)

    def reference(self, template, name):
        if name in PLACE:
            return PLACE[name]
        resource = template["Resources"].get(name)
        if resource is None:
            return self.parameter(template, name)
        return ARNS[resource["Type"]] if resource["Type"] in NAMED_BY_ARN else "it"

    def parameter(self, template, name):
        """What a nested stack is handed, by whoever has the stack."""
        for other in self.templates.values():
            for resource in other["Resources"].values():
                handed = resource.get("Properties", {}).get("Parameters", {})
                if resource["Type"] == "AWS::CloudFormation::Stack" and name in handed:
                    return self.text(other, handed[name])
        return template["Parameters"][name].get("Default", "it")

    def attribute(self, template, identity, attribute):
        kind = template["Resources"][identity]["Type"]
        if attribute.startswith("Outputs."):
            return self.text(*self.outputs[attribute.removeprefix("Outputs.")])
        if attribute == "StreamArn":
            return STREAM
        if attribute == "Id" and kind in NAMED_BY_ARN:
            return ARNS[kind]
        if not attribute.endswith("Arn"):
            return "it"
        if kind not in ARNS:
            raise Unknown(f"{kind}.{attribute}")
        return ARNS[kind]

    def resolved(self, template, value):
        if isinstance(value, list):
            return [self.resolved(template, item) for item in value]
        if not isinstance(value, dict):
            return value
        if self.is_handed_in(template, value):
            return "*"
        if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            return self.text(template, value)
        return {name: self.resolved(template, item) for name, item in value.items()}

    @staticmethod
    def is_handed_in(template, value):
        """Whether it is a parameter as a whole, whose kind only its description tells."""
        name = value.get("Ref")
        return name in template.get("Parameters", {}) and "Default" not in template["Parameters"][name]

    def policies(self):
        """The file, the logical id and the document of each identity policy."""
        for file, template in self.templates.items():
            for identity, resource in template["Resources"].items():
                properties = resource.get("Properties", {})
                if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                    yield file, identity, template, properties["PolicyDocument"]
                for inline in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
                    yield file, identity, template, inline["PolicyDocument"]
                kept = resource.get("Metadata", {}).get("cloudwright:RolePolicy")
                if kept:
                    yield file, identity, template, kept


def main(files):
    templates = Templates(files)
    count, findings = 0, []
    for file, identity, template, document in templates.policies():
        count += 1
        try:
            document = templates.resolved(template, document)
        except (Unknown, KeyError) as unknown:
            findings.append(f"{file} {identity}: cannot tell what {unknown} is")
            continue
        for found in analyze_policy_string(json.dumps(document)).findings:
            findings.append(f"{file} {identity}: {found.issue} {found.title} {found.detail} {found.location}")
    print(json.dumps({"policies": count, "findings": findings}))


main(sys.argv[1:])
