/** Checks one state: its fields against its kind and query language, then the contents of each. */
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Findings } from './diagnostics.ts';
import { languageOfField, STATE_FIELDS } from './fields.ts';
import { readResource } from './integrations.ts';
import { parseTimestamp } from './timestamp.ts';
import type { QueryLanguage, StateKind, StateMachineKind } from './types.ts';
import { STATE_KINDS } from './types.ts';
import { validateChoices } from './validate-choice.ts';
import {
  validateExpression,
  validatePath,
  validateReferencePath,
  validateTemplate,
} from './validate-template.ts';

/** What holds for the whole definition, and how to go into machines inside of it. */
export interface ValidationContext {
  readonly findings: Findings;
  readonly machineKind: StateMachineKind;
  readonly language: QueryLanguage;
  readonly validateMachine: (machine: Json, location: string, context: ValidationContext) => void;
}

interface Checked extends ValidationContext {
  /** That of the machine around the state; machines inside of the state inherit it, too. */
  readonly outer: ValidationContext;
  readonly state: JsonObject;
  readonly location: string;
}

export function kindOf(state: Json): StateKind | undefined {
  return isJsonObject(state) ? STATE_KINDS.find((kind) => kind === state['Type']) : undefined;
}

export function validateState(state: Json, location: string, context: ValidationContext): void {
  const { findings } = context;
  if (!isJsonObject(state)) {
    findings.schema('Value is not an object', location);
    return;
  }
  const kind = kindOf(state);
  if (kind === undefined) {
    findings.schema(
      `The field 'Type' should have one of these values: [${STATE_KINDS.join(', ')}]`,
      `${location}/Type`,
    );
    return;
  }
  const checked: Checked = {
    ...context,
    outer: context,
    language: validateLanguage(state, location, context),
    state,
    location,
  };
  validateFields(checked, STATE_FIELDS[kind]);
  if (STATE_FIELDS[kind].has('Next')) validateTransition(checked);
  if (checked.language === 'JSONPath') validateContents(checked);
  VALIDATE_KIND[kind](checked);
}

/** The language of the state itself; what it declares does not reach the states inside of it (measured). */
function validateLanguage(state: JsonObject, location: string, context: ValidationContext): QueryLanguage {
  const declared = state['QueryLanguage'];
  if (declared === undefined) return context.language;
  if (declared !== 'JSONPath' && declared !== 'JSONata') {
    context.findings.schema(
      "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]",
      `${location}/QueryLanguage`,
    );
    return 'JSONata';
  }
  if (declared === 'JSONPath' && context.language === 'JSONata') {
    context.findings.schema(
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
      location,
    );
  }
  return declared;
}

function validateFields({ state, location, findings, language }: Checked, known: ReadonlySet<string>): void {
  for (const field of Object.keys(state)) {
    const needed = languageOfField(field);
    if (!known.has(field)) {
      findings.schema(`Field '${field}' is not supported`, location);
    } else if (needed !== undefined && needed !== language) {
      findings.schema(
        `The QueryLanguage is set to '${language}', but field '${field}' is only supported for the ` +
          `'${needed}' QueryLanguage`,
        location,
      );
    }
  }
}

function validateTransition({ state, location, findings }: Checked): void {
  const { Next, End } = state;
  if (Next !== undefined && typeof Next !== 'string')
    findings.schema('Value is not a string', `${location}/Next`);
  if (End !== undefined && typeof End !== 'boolean')
    findings.schema('Value is not a boolean', `${location}/End`);
  if (Next === undefined && End !== true) findings.schema('These fields are required: [Next]', location);
  if (Next !== undefined && End === true) {
    findings.schema("Only one of the fields 'Next' and 'End' may be set", location);
  }
}

const PATH_FIELDS = ['InputPath', 'OutputPath'] as const;
const VALUE_PATH_FIELDS = [
  'SecondsPath',
  'TimestampPath',
  'TimeoutSecondsPath',
  'HeartbeatSecondsPath',
  'ItemsPath',
  'MaxConcurrencyPath',
  'ToleratedFailureCountPath',
  'ToleratedFailurePercentagePath',
] as const;
const EXPRESSION_FIELDS = ['ErrorPath', 'CausePath'] as const;
const TEMPLATE_FIELDS = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign'] as const;

/** The fields that mean the same in every kind of state. */
function validateContents({ state, location, findings }: Checked): void {
  const visit = (
    fields: readonly string[],
    validate: (value: Json, findings: Findings, location: string) => void,
  ): void => {
    for (const field of fields) {
      const value = state[field];
      if (value !== undefined) validate(value, findings, `${location}/${field}`);
    }
  };
  visit(PATH_FIELDS, validatePath);
  visit(VALUE_PATH_FIELDS, validatePath);
  visit(EXPRESSION_FIELDS, validateExpression);
  visit(TEMPLATE_FIELDS, validateTemplate);
  visit(['ResultPath'], validateReferencePath);
  visit(['Assign'], validateAssign);
}

/** "Variable names ... maximum length of 80 characters". */
const VARIABLE_NAME = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

function validateAssign(assign: Json, findings: Findings, location: string): void {
  if (!isJsonObject(assign)) {
    findings.schema('Value is not an object', location);
    return;
  }
  for (const field of Object.keys(assign)) {
    const name = field.endsWith('.$') ? field.slice(0, -2) : field;
    if (!VARIABLE_NAME.test(name)) findings.schema(`'${name}' is not a valid variable name`, location);
  }
}

const VALIDATE_KIND = {
  Task: (checked) => {
    validateResource(checked);
    validateSeconds(checked, 'TimeoutSeconds', 1);
    validateSeconds(checked, 'HeartbeatSeconds', 1);
    validateCredentials(checked);
    validateRecovery(checked);
  },
  Wait: validateWait,
  Pass: () => {},
  Succeed: () => {},
  Fail: validateFail,
  Choice: ({ state, findings, location, language }) => {
    if (language === 'JSONPath') validateChoices(state, findings, location);
  },
  Parallel: (checked) => {
    const { state, location, findings, outer, validateMachine } = checked;
    const branches = state['Branches'];
    if (!Array.isArray(branches) || branches.length === 0) {
      findings.schema('These fields are required: [Branches]', location);
    } else {
      for (const [index, branch] of (branches as readonly Json[]).entries()) {
        validateMachine(branch, `${location}/Branches[${index}]`, outer);
      }
    }
    validateRecovery(checked);
  },
  Map: (checked) => {
    const { state, location, findings } = checked;
    const field = state['Iterator'] === undefined ? 'ItemProcessor' : 'Iterator';
    const processor = state[field];
    if (!isJsonObject(processor)) {
      findings.schema('These fields are required: [ItemProcessor]', location);
    } else {
      if (processor['QueryLanguage'] !== undefined) {
        findings.schema("Field 'QueryLanguage' is not supported", `${location}/${field}`);
      }
      checked.validateMachine(processor, `${location}/${field}`, checked.outer);
    }
    validateRecovery(checked);
  },
} as const satisfies Record<StateKind, (checked: Checked) => void>;

function validateResource({ state, location, findings, machineKind }: Checked): void {
  const resource = state['Resource'];
  if (typeof resource !== 'string') {
    findings.schema('These fields are required: [Resource]', location);
    return;
  }
  const at = `${location}/Resource`;
  const reading = readResource(resource);
  if (reading === undefined) {
    findings.schema(
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the ` +
        'resource is not available in this region.',
      at,
    );
  } else if (machineKind === 'EXPRESS' && reading.kind === 'integration' && reading.suffix !== '') {
    // The blank before "at" is AWS's (recorded): only the message about tokens ends in one.
    findings.schema(
      reading.suffix === '.waitForTaskToken'
        ? "Express state machine does not support '.waitForTaskToken' service integration "
        : "Express state machine does not support '.sync' service integration",
      at,
    );
  }
}

function validateSeconds(
  { state, location, findings, language }: Checked,
  field: string,
  least: number,
): void {
  const value = state[field];
  if (value === undefined || (language === 'JSONata' && typeof value === 'string')) return;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > 99_999_999) {
    findings.schema(`Value is not an integer from ${least} to 99999999`, `${location}/${field}`);
  }
}

function validateCredentials({ state, location, findings }: Checked): void {
  const credentials = state['Credentials'];
  if (credentials === undefined) return;
  const at = `${location}/Credentials`;
  if (
    isJsonObject(credentials) &&
    credentials['RoleArn'] === undefined &&
    credentials['RoleArn.$'] === undefined
  ) {
    findings.schema("The field 'RoleArn' is required but was missing", at);
  } else {
    validateTemplate(credentials, findings, at);
  }
}

/** Retry and Catch. */
function validateRecovery(checked: Checked): void {
  validateHandlers(checked, 'Retry', () => {});
  validateHandlers(checked, 'Catch', (catcher, at) => {
    const { findings, language } = checked;
    if (typeof catcher['Next'] !== 'string') findings.schema('These fields are required: [Next]', at);
    if (language === 'JSONata') return;
    const { ResultPath, Assign } = catcher;
    if (ResultPath !== undefined) validateReferencePath(ResultPath, findings, `${at}/ResultPath`);
    if (Assign !== undefined) validateTemplate(Assign, findings, `${at}/Assign`);
  });
}

function validateHandlers(
  { state, location, findings }: Checked,
  field: 'Retry' | 'Catch',
  validate: (handler: JsonObject, location: string) => void,
): void {
  const handlers = state[field];
  if (handlers === undefined) return;
  if (!Array.isArray(handlers)) {
    findings.schema('Value is not an array', `${location}/${field}`);
    return;
  }
  for (const [index, handler] of (handlers as readonly Json[]).entries()) {
    const at = `${location}/${field}[${index}]`;
    if (!isJsonObject(handler)) {
      findings.schema('Value is not an object', at);
      continue;
    }
    const names = handler['ErrorEquals'];
    if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string')) {
      findings.schema('These fields are required: [ErrorEquals]', at);
    } else if (names.includes('States.ALL') && (names.length > 1 || index !== handlers.length - 1)) {
      findings.schema("'States.ALL' must appear alone and at the end of the list", `${at}/ErrorEquals`);
    }
    validate(handler, at);
  }
}

function validateWait(checked: Checked): void {
  const { state, location, findings, language } = checked;
  const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter(
    (field) => state[field] !== undefined,
  );
  if (given.length !== 1) {
    findings.schema(
      'A Wait state must have exactly one of [Seconds, SecondsPath, Timestamp, TimestampPath]',
      location,
    );
  }
  validateSeconds(checked, 'Seconds', 0);
  const timestamp = state['Timestamp'];
  if (timestamp === undefined || language === 'JSONata') return;
  if (typeof timestamp !== 'string' || parseTimestamp(timestamp) === undefined) {
    findings.schema('String does not match RFC3339 timestamp', `${location}/Timestamp`);
  }
}

function validateFail({ state, location, findings }: Checked): void {
  for (const field of ['Error', 'Cause']) {
    const value = state[field];
    if (value !== undefined && typeof value !== 'string') {
      findings.schema('Value is not a string', `${location}/${field}`);
    }
    if (value !== undefined && state[`${field}Path`] !== undefined) {
      findings.schema(`Only one of the fields '${field}' and '${field}Path' may be set`, location);
    }
  }
}
