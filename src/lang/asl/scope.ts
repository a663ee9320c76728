/** What expressions may look at besides the document that `$` means. */
import type { Json } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';

export interface EvaluationScope {
  /** The context object, `$$`. Made when it is first read. */
  readonly context: Json;
  /** The value of `$name`, or `undefined` when it was never assigned. */
  variable(name: string): Json | undefined;
  readonly random: Random;
}
