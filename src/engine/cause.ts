/** What made something happen. Every record names its cause, so that a trace can join them in both directions. */
export interface Cause {
  readonly kind: 'request' | 'event' | 'message' | 'pipe-batch' | 'invocation' | 'execution';
  /** Event id, message id, batch id, request id or execution ARN: unique among all kinds. */
  readonly id: string;
}
