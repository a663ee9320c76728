/** What the expressions of a state may look at: the context object and the variables of its frame. */
import type { Json } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { contextObject } from '../../lang/asl/context-object.ts';
import type { EvaluationScope } from '../../lang/asl/scope.ts';
import type { State } from '../../lang/asl/types.ts';
import { parsePayload } from './payload.ts';
import type { FrameDraft, Run } from './run.ts';

/** What a context object holds beside the facts of its frame. */
export interface ScopeFacts {
  readonly taskToken?: string | undefined;
  /** The item for which a Map makes the input of an iteration. */
  readonly mapItem?: MapItem;
}

export interface MapItem {
  readonly index: number;
  readonly value: Json;
}

export class FrameScope implements EvaluationScope {
  readonly random: Random;
  readonly #run: Run;
  readonly #frame: FrameDraft;
  readonly #state: State;
  readonly #facts: ScopeFacts;
  #context: Json | undefined;

  constructor(run: Run, frame: FrameDraft, state: State, facts: ScopeFacts) {
    this.random = run.environment.random;
    this.#run = run;
    this.#frame = frame;
    this.#state = state;
    this.#facts = facts;
  }

  get context(): Json {
    this.#context ??= this.#makeContext();
    return this.#context;
  }

  variable(name: string): Json | undefined {
    const { variables } = this.#frame;
    const text = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return text === undefined ? undefined : parsePayload(text);
  }

  #makeContext(): Json {
    const { identity } = this.#run;
    const { enteredAtMs, retryCounts } = this.#frame;
    return contextObject({
      executionArn: identity.executionArn,
      executionName: identity.name,
      input: parsePayload(identity.input),
      roleArn: identity.roleArn,
      startedAtMs: identity.startedAtMs,
      redriveCount: identity.redriveCount,
      stateMachineArn: identity.stateMachineArn,
      stateMachineName: identity.stateMachineName,
      stateName: this.#state.name,
      stateEnteredAtMs: enteredAtMs,
      retryCount:
        this.#state.kind === 'Task' ? retryCounts.reduce((sum, count) => sum + count, 0) : undefined,
      taskToken: this.#facts.taskToken,
      mapItem: this.#facts.mapItem ?? this.#run.mapItemOf(this.#frame),
    });
  }
}
