"""The 400-resource work of `cargo xtask bench` with troposphere: python FILE STACKS FOLDER"""

import os
import sys

from troposphere import GetAtt, Template, awslambda, iam, s3, sqs

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def stack():
    template = Template()
    for n in range(100):
        template.add_resource(s3.Bucket(f"Bucket{n}"))
        template.add_resource(sqs.Queue(f"Queue{n}"))
        template.add_resource(iam.Role(f"Role{n}", AssumeRolePolicyDocument=TRUST))
        template.add_resource(
            awslambda.Function(
                f"Function{n}",
                Role=GetAtt(f"Role{n}", "Arn"),
                Runtime="nodejs22.x",
                Handler="index.handler",
                Code=awslambda.Code(ZipFile="exports.handler = async () => {};"),
            )
        )
    return template


stacks, folder = int(sys.argv[1]), sys.argv[2]
os.makedirs(folder, exist_ok=True)
for number in range(stacks):
    with open(os.path.join(folder, f"Stack{number}.template.json"), "w", encoding="utf-8") as out:
        out.write(stack().to_json())
