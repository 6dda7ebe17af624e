// Has the packs of cdk-nag judge a CloudFormation template: node judge_nag.cjs MODULES TEMPLATE
//
// MODULES is where npm installed cdk-nag. The answer is a JSON document: `found`, by pack the findings as `rule` and `resource` (the
// logical id), and `accepted`, those that entries of the metadata's `rules_to_suppress` are about, with the `id` of the entry. cdk-nag reads
// that metadata no more since version 3, so what it says is handed over the way that version 3 has.

"use strict";
const fs = require("fs");
const os = require("os");
const path = require("path");
const { createRequire } = require("module");

const [modules, template] = process.argv.slice(2);
const tool = createRequire(path.join(path.resolve(modules), "judge.js"));
const { App, Stack, Validations } = tool("aws-cdk-lib");
const { CfnInclude } = tool("aws-cdk-lib/cloudformation-include");
const nag = tool("cdk-nag");

const PACKS = {
  AwsSolutions: nag.AwsSolutionsChecks,
  HIPAA: nag.HIPAASecurityChecks,
  NIST4: nag.NIST80053R4Checks,
  NIST5: nag.NIST80053R5Checks,
  PCI: nag.PCIDSS321Checks,
  Serverless: nag.ServerlessChecks,
};

/** What the packs find, by pack, with these findings accepted. */
function judge(accepted) {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "nag-"));
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, "Judged");
  const included = new CfnInclude(stack, "Template", { templateFile: template });
  for (const { resource, rule, reason } of accepted) {
    Validations.of(included.getResource(resource)).acknowledge({ id: rule, reason });
  }
  const names = {};
  for (const [name, Pack] of Object.entries(PACKS)) {
    const pack = new Pack(app);
    names[pack.name] = name;
    Validations.of(app).addPlugins(pack);
  }
  try {
    app.synth();
  } catch (error) {
    // That is how findings are told; they are read from the report.
    if (!String(error.message).startsWith("Validation failed")) throw error;
  }
  const report = JSON.parse(fs.readFileSync(path.join(outdir, "validation-report.json"), "utf8"));
  fs.rmSync(outdir, { recursive: true });
  const found = Object.fromEntries(Object.keys(PACKS).map((name) => [name, []]));
  for (const { pluginName, violations } of report.pluginReports) {
    if (!(pluginName in names)) continue;
    for (const { ruleName, violatingConstructs } of violations) {
      for (const { constructPath } of violatingConstructs) {
        found[names[pluginName]].push({ rule: ruleName, resource: constructPath.split("/").pop() });
      }
    }
  }
  return found;
}

/** Whether an entry of `rules_to_suppress` is about a rule, which may be one of several findings: `RULE[FINDING]`. */
function covers(entry, rule) {
  const [, id, finding] = /^([^[]*)(?:\[(.*)\])?$/.exec(rule);
  if (entry.id !== id) return false;
  const only = entry.applies_to;
  return !only || only.some((one) => (one.regex ? new RegExp(one.regex.slice(1, -1)).test(finding) : one === finding));
}

const { Resources } = JSON.parse(fs.readFileSync(template, "utf8"));
const entries = Object.entries(Resources).flatMap(([resource, { Metadata }]) =>
  (Metadata?.cdk_nag?.rules_to_suppress ?? []).map((entry) => ({ resource, ...entry })));
let found = judge([]);
const accepted = Object.values(found).flat().flatMap(({ rule, resource }) => {
  const entry = entries.find((entry) => entry.resource === resource && covers(entry, rule));
  return entry ? [{ resource, rule, id: entry.id, reason: entry.reason }] : [];
});
if (accepted.length > 0) found = judge(accepted);
console.log(JSON.stringify({ found, accepted }));
