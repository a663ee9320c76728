/** One evaluation of a path: the document that `$` means in its filters, and the work that is left to it. */
import type { Json } from '../../base/json.ts';
import { JsonPathError } from './errors.ts';
import { VISITS_MAX } from './limits.ts';

export class Evaluation {
  readonly document: Json;
  #visitsLeft = VISITS_MAX;

  constructor(document: Json) {
    this.document = document;
  }

  /** Counts one visited node. Throws `JsonPathError` when the path does too much work. */
  visit(): void {
    this.#visitsLeft -= 1;
    if (this.#visitsLeft < 0) throw new JsonPathError(`The path visits more than ${VISITS_MAX} nodes.`);
  }
}
