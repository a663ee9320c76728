/** What the process says with its exit code. */
export const EXIT = {
  ok: 0,
  /** The command ran and the answer is no: a ledger that does not balance, an unknown id. */
  failed: 1,
  /** The command line or a setting does not fit. */
  usage: 2,
  /** No server answers. */
  unreachable: 3,
  /** The server refused. */
  refused: 4,
  /** A server cannot listen where it should: most often another one does. */
  addressTaken: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
