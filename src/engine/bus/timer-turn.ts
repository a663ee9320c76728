/** Turns that a timer begins: nobody waits for their answer, so nobody else hears of their failure. */
import { errorMessage } from '../../base/errors.ts';
import type { Loop, Turn } from '../loop.ts';

/**
 * Runs a turn and reports what it throws. The record that it was about stays as it is until the next start: one that
 * cannot be worked on must not end the process, which would meet it again and end again.
 */
export function runTimerTurn(loop: Loop, what: string, decide: (turn: Turn) => void): void {
  try {
    loop.turn(decide);
  } catch (error) {
    loop.quarantine.add('delivery', what, errorMessage(error));
  }
}
