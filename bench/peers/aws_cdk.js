// The 400-resource work of `cargo xtask bench` with aws-cdk-lib: node aws_cdk.js STACKS FOLDER
const { App, Stack, aws_iam, aws_lambda, aws_s3, aws_sqs } = require("aws-cdk-lib");

const [stacks, outdir] = process.argv.slice(2);
const app = new App({ outdir, analyticsReporting: false });
const env = { account: "123456789012", region: "eu-central-1" };

for (let s = 0; s < Number(stacks); s++) {
  const stack = new Stack(app, `Stack${s}`, { env });
  for (let n = 0; n < 100; n++) {
    new aws_s3.Bucket(stack, `Bucket${n}`);
    new aws_sqs.Queue(stack, `Queue${n}`);
    const role = new aws_iam.Role(stack, `Role${n}`, {
      assumedBy: new aws_iam.ServicePrincipal("lambda.amazonaws.com"),
    });
    new aws_lambda.Function(stack, `Function${n}`, {
      role,
      runtime: aws_lambda.Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: aws_lambda.Code.fromInline("exports.handler = async () => {};"),
    });
  }
}

app.synth();
