/**
 * Task tokens: they name an execution and one of its tasks, and carry a code that only this region can make, so that
 * a token can neither be guessed nor moved to another execution. Pure, so that a task handed out again after a
 * crash has the same token.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface TaskTokenContent {
  readonly executionArn: string;
  readonly taskId: number;
}

const CODE_SIZE_BYTES = 32;

export function createTaskToken(key: Buffer, { executionArn, taskId }: TaskTokenContent): string {
  const content = Buffer.from(JSON.stringify([executionArn, taskId]));
  return Buffer.concat([code(key, content), content]).toString('base64');
}

/** `undefined` when the token was not made here. */
export function parseTaskToken(key: Buffer, token: string): TaskTokenContent | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length <= CODE_SIZE_BYTES) return undefined;
  const content = bytes.subarray(CODE_SIZE_BYTES);
  if (!timingSafeEqual(bytes.subarray(0, CODE_SIZE_BYTES), code(key, content))) return undefined;
  const [executionArn, taskId] = JSON.parse(content.toString()) as [string, number];
  return { executionArn, taskId };
}

function code(key: Buffer, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
