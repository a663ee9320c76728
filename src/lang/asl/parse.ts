/**
 * Compiles a definition to the state machine that the engine runs. Refuses what AWS refuses (in its words), and
 * loudly what Millrace does not have yet.
 */
import { invariant } from '../../base/assert.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { invalidDefinition } from './diagnostics.ts';
import { parseState } from './parse-state.ts';
import type { State, StateMachine, StateMachineKind } from './types.ts';
import { validateDefinition } from './validate.ts';

/** Throws `InvalidDefinition`, or `NotImplemented` for what is sound but not built. */
export function parseStateMachine(text: string, kind: StateMachineKind): StateMachine {
  const { diagnostics, definition } = validateDefinition(text, kind);
  if (diagnostics.length > 0) throw invalidDefinition(diagnostics);
  invariant(isJsonObject(definition), 'a sound definition is an object');
  if (definition['QueryLanguage'] === 'JSONata') throw notImplementedError('The query language JSONata');
  return compileMachine(definition);
}

function compileMachine(machine: JsonObject): StateMachine {
  const { StartAt, States, TimeoutSeconds, Comment } = machine;
  invariant(typeof StartAt === 'string' && isJsonObject(States), 'validation has checked StartAt and States');
  const states = new Map<string, State>();
  for (const [name, state] of Object.entries(States)) states.set(name, compileState(name, state));
  return {
    startAt: StartAt,
    states,
    ...(typeof TimeoutSeconds === 'number' ? { timeoutSeconds: TimeoutSeconds } : {}),
    ...(typeof Comment === 'string' ? { comment: Comment } : {}),
  };
}

function compileState(name: string, state: Json): State {
  invariant(isJsonObject(state), 'validation has checked that states are objects');
  if (state['QueryLanguage'] === 'JSONata') throw notImplementedError('The query language JSONata');
  return parseState(name, state, compileMachine);
}
