/** Checks the rules of Choice states. */
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { COMPARISONS, isOperatorValue, PATH_COMPARISONS } from './choice-operators.ts';
import type { Findings } from './diagnostics.ts';
import { validatePath, validateTemplate } from './validate-template.ts';

const CONNECTIVES = ['And', 'Or', 'Not'];
const RULE_FIELDS: ReadonlySet<string> = new Set(['Variable', 'Next', 'Comment', 'Assign', 'Output']);

export function validateChoices(state: JsonObject, findings: Findings, location: string): void {
  const choices = state['Choices'];
  if (!Array.isArray(choices) || choices.length === 0) {
    findings.schema('Value is not a non-empty array', `${location}/Choices`);
    return;
  }
  for (const [index, rule] of (choices as readonly Json[]).entries()) {
    const at = `${location}/Choices[${index}]`;
    if (!isJsonObject(rule)) {
      findings.schema('Value is not an object', at);
      continue;
    }
    if (typeof rule['Next'] !== 'string') findings.schema('These fields are required: [Next]', at);
    if (rule['Assign'] !== undefined) validateTemplate(rule['Assign'], findings, `${at}/Assign`);
    validateCondition(rule, findings, at);
  }
}

/** Definitions nest at most 1,000 levels (base/json.ts), so the recursion is bounded. */
function validateCondition(rule: Json, findings: Findings, location: string): void {
  if (!isJsonObject(rule)) {
    findings.schema('Value is not an object', location);
    return;
  }
  const fields = Object.keys(rule).filter((field) => !RULE_FIELDS.has(field));
  const [field] = fields;
  if (field === undefined || fields.length > 1) {
    findings.schema('A choice rule must have exactly one comparison', location);
    return;
  }
  const value = rule[field] as Json;
  if (CONNECTIVES.includes(field)) validateConnective(field, value, findings, location);
  else validateComparison(rule, field, { findings, location });
}

function validateConnective(field: string, value: Json, findings: Findings, location: string): void {
  if (field === 'Not') {
    validateCondition(value, findings, `${location}/Not`);
  } else if (!Array.isArray(value) || value.length === 0) {
    findings.schema('Value is not a non-empty array', `${location}/${field}`);
  } else {
    for (const [index, part] of (value as readonly Json[]).entries()) {
      validateCondition(part, findings, `${location}/${field}[${index}]`);
    }
  }
}

interface At {
  readonly findings: Findings;
  readonly location: string;
}

function validateComparison(rule: JsonObject, operator: string, { findings, location }: At): void {
  const value = rule[operator] as Json;
  if (rule['Variable'] === undefined) findings.schema('These fields are required: [Variable]', location);
  else validatePath(rule['Variable'], findings, `${location}/Variable`);
  if (PATH_COMPARISONS.has(operator)) {
    validatePath(value, findings, `${location}/${operator}`);
  } else if (operator !== 'IsPresent' && !COMPARISONS.has(operator)) {
    findings.schema(`Field '${operator}' is not supported`, location);
  } else if (!isOperatorValue(operator, value)) {
    findings.schema(
      operator.startsWith('Timestamp')
        ? 'String does not match RFC3339 timestamp'
        : `The value of '${operator}' is of the wrong type`,
      `${location}/${operator}`,
    );
  }
}
