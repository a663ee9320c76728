/**
 * Checks a definition in the words of AWS. All findings are collected: ValidateStateMachineDefinition answers the
 * list, CreateStateMachine refuses with it. parse.ts compiles only what has passed here.
 */
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { parseDefinitionJson } from './definition-json.ts';
import type { Diagnostic } from './diagnostics.ts';
import { Findings } from './diagnostics.ts';
import type { QueryLanguage, StateMachineKind } from './types.ts';
import type { ValidationContext } from './validate-state.ts';
import { kindOf, validateState } from './validate-state.ts';

export interface ValidatedDefinition {
  readonly diagnostics: readonly Diagnostic[];
  /** The parsed definition; `undefined` when the text is no JSON. */
  readonly definition: Json | undefined;
}

/** Never throws for what a user wrote. */
export function validateDefinition(text: string, machineKind: StateMachineKind): ValidatedDefinition {
  const findings = new Findings();
  const definition = parseDefinitionJson(text, findings);
  if (definition !== undefined) {
    const language = languageOf(definition, findings);
    validateMachine(definition, '', { findings, machineKind, language, validateMachine });
  }
  return { diagnostics: findings.diagnostics, definition };
}

/** Only the exact text selects JSONPath; a wrong value is reported and read as JSONata (measured). */
function languageOf(definition: Json, findings: Findings): QueryLanguage {
  const declared = isJsonObject(definition) ? definition['QueryLanguage'] : undefined;
  if (declared === undefined || declared === 'JSONPath') return 'JSONPath';
  if (declared !== 'JSONata') {
    findings.schema(
      "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]",
      '/QueryLanguage',
    );
  }
  return 'JSONata';
}

/** The definition itself or a machine inside of a Parallel or Map state. `location` is '' for the definition. */
function validateMachine(machine: Json, location: string, context: ValidationContext): void {
  const { findings } = context;
  if (!isJsonObject(machine)) {
    findings.schema('Value is not an object', location || '/');
    return;
  }
  const missing = ['States', 'StartAt'].filter((field) => machine[field] === undefined);
  if (missing.length > 0) {
    findings.schema(`These fields are required: [${missing.join(', ')}]`, location || '/');
    return;
  }
  const { States, StartAt } = machine;
  if (typeof StartAt !== 'string') findings.schema('Value is not a string', `${location}/StartAt`);
  if (!isJsonObject(States) || Object.keys(States).length === 0) {
    findings.schema('Value is not a non-empty object', `${location}/States`);
    return;
  }
  const findingsBefore = findings.diagnostics.length;
  for (const [name, state] of Object.entries(States)) {
    validateName(name, `${location}/States/${name}`, findings);
    validateState(state, `${location}/States/${name}`, context);
  }
  validateTimeout(machine, location, findings);
  // The graph is looked at only when the states themselves are sound, as AWS does.
  if (findings.diagnostics.length === findingsBefore && typeof StartAt === 'string') {
    validateGraph(States, StartAt, { findings, location });
  }
}

/** "State names ... 80 characters." */
const STATE_NAME_LENGTH_MAX = 80;

function validateName(name: string, location: string, findings: Findings): void {
  if (name === '' || name.length > STATE_NAME_LENGTH_MAX) {
    findings.schema(`State name must have 1 to ${STATE_NAME_LENGTH_MAX} characters`, location);
  }
}

function validateTimeout(machine: JsonObject, location: string, findings: Findings): void {
  const timeout = machine['TimeoutSeconds'];
  if (timeout === undefined) return;
  if (typeof timeout !== 'number' || !Number.isInteger(timeout) || timeout < 1 || timeout > 99_999_999) {
    findings.schema('Value is not an integer from 1 to 99999999', `${location}/TimeoutSeconds`);
  }
}

interface Transition {
  readonly target: string;
  readonly location: string;
}

/** All transitions out of a state, with the places where they are written. */
function transitionsOf(state: JsonObject, location: string): readonly Transition[] {
  const transitions: Transition[] = [];
  const add = (target: Json | undefined, at: string): void => {
    if (typeof target === 'string') transitions.push({ target, location: at });
  };
  add(state['Next'], `${location}/Next`);
  for (const field of ['Choices', 'Catch']) {
    const list = state[field];
    for (const [index, entry] of (Array.isArray(list) ? (list as readonly Json[]) : []).entries()) {
      if (isJsonObject(entry)) add(entry['Next'], `${location}/${field}[${index}]/Next`);
    }
  }
  add(state['Default'], `${location}/Default`);
  return transitions;
}

interface GraphContext {
  readonly findings: Findings;
  readonly location: string;
}

/**
 * Dangling targets first; then a machine that can never end, which hides the last kind of finding; then states
 * that nothing leads to (the order is measured).
 */
function validateGraph(states: JsonObject, startAt: string, { findings, location }: GraphContext): void {
  const edges = new Map<string, readonly Transition[]>();
  const check = (transition: Transition): void => {
    if (!Object.hasOwn(states, transition.target)) {
      findings.add(
        'MISSING_TRANSITION_TARGET',
        `Missing 'Next' target: ${transition.target}`,
        transition.location,
      );
    }
  };
  check({ target: startAt, location: `${location}/StartAt` });
  for (const [name, state] of Object.entries(states)) {
    const transitions = transitionsOf(state as JsonObject, `${location}/States/${name}`);
    for (const transition of transitions) check(transition);
    edges.set(name, transitions);
  }
  if (!Object.values(states).some((state) => isTerminal(state as JsonObject))) {
    findings.add('MISSING_END_STATE', 'Workflow has no terminal state');
    return;
  }
  const reached = reachableFrom(startAt, edges);
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) {
      findings.add(
        'MISSING_TRANSITION_TARGET',
        `State "${name}" is not reachable.`,
        `${location}/States/${name}`,
      );
    }
  }
}

function isTerminal(state: JsonObject): boolean {
  const kind = kindOf(state);
  return kind === 'Succeed' || kind === 'Fail' || state['End'] === true;
}

function reachableFrom(
  startAt: string,
  edges: ReadonlyMap<string, readonly Transition[]>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const pending = [startAt];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const { target } of edges.get(name) ?? []) pending.push(target);
  }
  return reached;
}
