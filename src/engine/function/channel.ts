/** How the pool talks to a process: over framed pipes to our own clients, over the Runtime API to the users'. */
import type { Duplex } from 'node:stream';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';

/** 6 MB and 100 bytes, of a synchronous answer: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const RESPONSE_SIZE_BYTES_MAX = 6_291_556;

/** A log line may be long, too; a process that sends more than this in one frame is no longer trusted. */
const FRAME_SIZE_BYTES_MAX = RESPONSE_SIZE_BYTES_MAX + 4 * 1024 * 1024;

/** What a process is asked to do. */
export interface ChannelCall {
  /** Counts within the process: an answer that names another is not taken. */
  readonly id: number;
  readonly requestId: string;
  readonly functionArn: string;
  readonly deadlineMs: number;
  readonly payloadText: string;
  readonly clientContext?: string | undefined;
}

/** What a process said. */
export type ChannelMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-error'; readonly body: string }
  /** `fatal` is an error after which the process ends. */
  | {
      readonly kind: 'response' | 'error' | 'fatal';
      readonly id: number;
      readonly body: string;
      readonly peakKb: number | undefined;
      /** What the handler took, as its process measured it; absent where the process does not say. */
      readonly handlerMs?: number | undefined;
    }
  | { readonly kind: 'log'; readonly body: string; readonly isWhole: boolean }
  /** The call never reached the process, which had ended: it can be made again. */
  | { readonly kind: 'unreached' }
  /** What it says makes no sense: it has to be killed. */
  | { readonly kind: 'broken'; readonly reason: string };

export interface Channel {
  send(call: ChannelCall): void;
  close(): void;
}

export type ChannelListener = (message: ChannelMessage) => void;

/** `input` is descriptor 3 of the process, `output` its descriptor 4. */
export function openFramedChannel(input: Duplex, output: Duplex, listener: ChannelListener): Channel {
  const reader = new FrameReader(FRAME_SIZE_BYTES_MAX);
  input.on('error', () => listener({ kind: 'unreached' }));
  output.on('error', () => undefined);
  output.on('data', (chunk: Buffer) => {
    try {
      for (const frame of reader.read(chunk)) listener(toMessage(frame));
    } catch (error) {
      output.removeAllListeners('data');
      listener({ kind: 'broken', reason: String(error) });
    }
  });
  return {
    send: (call) => {
      const { payloadText, functionArn: arn, ...head } = call;
      input.write(encodeFrame({ ...head, arn }, payloadText));
    },
    close: () => {
      input.destroy();
      output.destroy();
    },
  };
}

function toMessage({ head, body }: Frame): ChannelMessage {
  const { kind, id, rss, ms } = head;
  const peakKb = typeof rss === 'number' ? rss : undefined;
  const handlerMs = typeof ms === 'number' && ms >= 0 ? ms : undefined;
  switch (kind) {
    case 'ready':
      return { kind };
    case 'init-error':
      return { kind, body };
    case 'response':
    case 'error':
    case 'fatal':
      return typeof id === 'number'
        ? { kind, id, body, peakKb, handlerMs }
        : { kind: 'broken', reason: 'no id' };
    case 'log':
      return { kind, body, isWhole: head['whole'] === true };
    default:
      return { kind: 'broken', reason: 'a frame of unknown kind' };
  }
}
