import { notImplementedError } from '../../base/errors.ts';
import type { EventView } from './event.ts';
import type { CompiledPattern } from './pattern.ts';

/** True when the event satisfies the pattern. */
export function matches(_compiled: CompiledPattern, _event: EventView): boolean {
  throw notImplementedError('matches');
}

/** Which of many rules match an event, at a cost that grows with the event and not with the rules. */
export class PatternIndex {
  /** Adds a rule, or replaces the pattern of the rule that has this id. */
  add(_ruleId: string, _compiled: CompiledPattern): void {
    throw notImplementedError('PatternIndex');
  }

  /** Forgets a rule; false when there was none. */
  delete(_ruleId: string): boolean {
    throw notImplementedError('PatternIndex');
  }

  /** The ids of the matching rules, in the order in which the rules were added. */
  match(_event: EventView): string[] {
    throw notImplementedError('PatternIndex');
  }
}
