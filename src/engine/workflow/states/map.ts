/**
 * An inline Map: runs its processor once for each item, up to a number of them at once, and collects their outputs
 * in the order of the items. The items are not stored: they are read from the state's input again when the next
 * iteration starts, so that the record of a long Map does not hold them twice.
 */
import type { Json } from '../../../base/json.ts';
import { runtimeError } from '../../../lang/asl/errors.ts';
import type { EvaluationScope } from '../../../lang/asl/scope.ts';
import type { MapState } from '../../../lang/asl/types.ts';
import { INLINE_MAP_CONCURRENCY_MAX } from '../limits.ts';
import { dataLimitError, Payload } from '../payload.ts';
import type { FrameDraft, Run } from '../run.ts';
import type { StateBehavior } from './behavior.ts';
import { childrenOf, collectResult, finish, recoverContainer } from './children.ts';
import { applyPath, applyTemplate, invalidPath } from './data-flow.ts';

export const map: StateBehavior<MapState> = {
  enter: start,

  wake(run, frame, state) {
    if (frame.activity.kind === 'backoff' && frame.activity.atMs <= run.now) start(run, frame, state);
  },

  childCompleted(run, frame, state, { child, output }) {
    // Recorded: the next iteration follows the last event of the one that ended, not the event of its success.
    const lastOfIteration = child.previousEventId;
    frame.previousEventId = run.emit(child, 'MapIterationSucceeded', state.name, child.index);
    const isLast = collectResult(frame, child, output);
    if (isLast) finish(run, frame, state);
    else run.attempt(frame, () => startNext(run, frame, state, lastOfIteration));
  },

  childFailed(run, frame, state, { child, failure }) {
    frame.previousEventId = child.previousEventId;
    run.emit(child, 'MapIterationFailed', state.name, child.index);
    run.fail(frame, failure);
  },

  recover: recoverContainer,
};

function start(run: Run, frame: FrameDraft, state: MapState): void {
  const scope = run.scope(frame);
  const items = itemsOf(frame, state, scope);
  const concurrency = concurrencyOf(frame, state, scope);
  run.emit(frame, 'MapStateStarted', items.length);
  frame.activity = { kind: 'children', results: items.map(() => null), startedCount: 0 };
  const { previousEventId } = frame;
  for (let count = 0; count < Math.min(concurrency, items.length); count += 1) {
    startNext(run, frame, state, previousEventId);
  }
  if (items.length === 0) finish(run, frame, state);
}

function filteredInput(frame: FrameDraft, state: MapState, scope: EvaluationScope): Payload {
  return applyPath(state.inputPath, frame.payload, scope);
}

function itemsOf(frame: FrameDraft, state: MapState, scope: EvaluationScope): readonly Json[] {
  const input = filteredInput(frame, state, scope);
  const items = applyPath(state.itemsPath, input, scope).value;
  if (Array.isArray(items)) return items as readonly Json[];
  throw runtimeError(`Reference path "${state.itemsPath?.text ?? '$'}" must point to array.`);
}

/** Iterations at once. 0 means as many as the engine allows, and so does more than that. */
function concurrencyOf(frame: FrameDraft, state: MapState, scope: EvaluationScope): number {
  const asked = state.maxConcurrency ?? 0;
  const count = typeof asked === 'number' ? asked : concurrencyFrom(frame, state, scope);
  return count === 0 ? INLINE_MAP_CONCURRENCY_MAX : Math.min(count, INLINE_MAP_CONCURRENCY_MAX);
}

function concurrencyFrom(frame: FrameDraft, state: MapState, scope: EvaluationScope): number {
  const path = state.maxConcurrency;
  if (typeof path !== 'object') return 0;
  let value: Json;
  try {
    value = path.evaluate(filteredInput(frame, state, scope).value, scope);
  } catch (error) {
    throw invalidPath(path.text, error);
  }
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    const printed = typeof value === 'string' ? value : JSON.stringify(value);
    throw runtimeError(
      `The MaxConcurrencyPath field refers to value "${printed}" which is not a valid integer: ${path.text}`,
    );
  }
  // AWS accepts a negative number and then hangs for ever (recorded); an error serves the user better.
  if (count < 0) throw runtimeError('MaxConcurrency cannot be negative.');
  return count;
}

/** Starts the next iteration if there is one. */
function startNext(run: Run, frame: FrameDraft, state: MapState, previousEventId: number): void {
  const activity = childrenOf(frame);
  const index = activity.startedCount;
  if (index >= activity.results.length) return;
  const scope = run.scope(frame);
  const value = itemsOf(frame, state, scope)[index] ?? null;
  const input =
    state.itemSelector === undefined
      ? Payload.ofValue(value)
      : applyTemplate(
          state.itemSelector,
          filteredInput(frame, state, scope),
          run.scope(frame, { mapItem: { index, value } }),
        );
  if (input.isTooLarge) throw dataLimitError(state.name);
  frame.activity = { ...activity, startedCount: index + 1 };
  const item = JSON.stringify(value);
  const child = run.startChild(frame, {
    index,
    item,
    startAt: state.processor.startAt,
    input,
    previousEventId,
  });
  run.emit(child, 'MapIterationStarted', state.name, index);
}
