/** What the figures were measured on: without it they cannot be compared with any others. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { percentile } from './load.ts';

export interface MachineFacts {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
  /** Median of writing 4 KiB to the end of a file and waiting until they are on the disk. */
  readonly fsyncMs: number;
  /** Processes that wanted a core in the last minute: more than none means that others share the machine. */
  readonly loadAverage: number;
}

const FSYNC_COUNT = 100;
const FSYNC_SIZE_BYTES = 4096;

export function machineFacts(): MachineFacts {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    fsyncMs: measureFsync(),
    loadAverage: loadavg()[0] ?? 0,
  };
}

/** In the place where the measured server keeps its store. */
function measureFsync(): number {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const file = openSync(join(directory, 'fsync'), 'w');
  try {
    const bytes = Buffer.alloc(FSYNC_SIZE_BYTES, 1);
    const timesMs = new Float64Array(FSYNC_COUNT);
    for (let index = 0; index < FSYNC_COUNT; index += 1) {
      const startedAtMs = performance.now();
      writeSync(file, bytes);
      fdatasyncSync(file);
      timesMs[index] = performance.now() - startedAtMs;
    }
    return percentile(timesMs.sort(), 0.5);
  } finally {
    closeSync(file);
    rmSync(directory, { recursive: true, force: true });
  }
}
