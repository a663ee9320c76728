/** A benchmark as text: the machine, the server's start, and one line for each scenario and concurrency. */
import { table } from '../cli/output.ts';
import type { BenchReport, BenchRow, StartFacts } from './bench.ts';
import { SCENARIOS } from './scenarios.ts';

const MEBIBYTE = 2 ** 20;
const NONE = '-';

export function renderReport(report: BenchReport): string {
  const lines = [machineLine(report)];
  if (report.start !== undefined) lines.push(startLine(report.start));
  const { filledStart } = report;
  if (filledStart !== undefined) {
    lines.push(`with ${whole(filledStart.recordCount)} records ${startLine(filledStart)}`);
  }
  lines.push('', table(rowsOf(report)), ...problemLines(report));
  return lines.join('\n');
}

function machineLine({ machine, seconds, runCount }: BenchReport): string {
  const { cores, cpu, node, platform, fsyncMs, loadAverage } = machine;
  const facts = [
    `${cores} cores (load generator on them)`,
    cpu,
    platform,
    `Node ${node}`,
    `fsync ${fsyncMs.toFixed(2)} ms`,
    `load average ${loadAverage.toFixed(1)}`,
    `medians of ${runCount} runs of ${seconds} s`,
  ];
  return facts.join(', ');
}

function startLine({ startMs, idleRssBytes }: StartFacts): string {
  const memory = idleRssBytes === undefined ? '' : `, ${megabytes(idleRssBytes)} MB idle`;
  return `ready ${Math.round(startMs)} ms after the start of the process${memory}`;
}

function rowsOf({ rows }: BenchReport): string[][] {
  const hasCeiling = rows.some(({ target }) => target === 'ceiling');
  const hasOther = rows.some(({ target }) => target === 'other');
  const head = ['scenario', 'clients', 'ops/s', 'p50 ms', 'p99 ms', 'CPU us/op', 'main us/op', 'RSS MB'];
  if (hasCeiling) head.push('node:http ops/s', 'share', 'CPU us/op');
  if (hasOther) head.push('other ops/s', 'p50 ms', 'ratio');
  return [
    head,
    ...rows
      .filter(({ target }) => target === 'millrace')
      .map((row) => [
        ...ownCells(row),
        ...(hasCeiling ? ceilingCells(row, findRow(rows, row, 'ceiling')) : []),
        ...(hasOther ? otherCells(row, findRow(rows, row, 'other')) : []),
      ]),
  ];
}

function findRow(rows: readonly BenchRow[], own: BenchRow, target: BenchRow['target']): BenchRow | undefined {
  return rows.find(
    (row) => row.target === target && row.scenario === own.scenario && row.concurrency === own.concurrency,
  );
}

function ownCells(row: BenchRow): string[] {
  const title = SCENARIOS.find(({ name }) => name === row.scenario)?.title ?? row.scenario;
  return [
    row.problems.length === 0 ? title : `${title} (!)`,
    String(row.concurrency),
    whole(row.operationsPerSecond),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    row.cpuUsPerOperation === undefined ? NONE : whole(row.cpuUsPerOperation),
    row.mainCpuUsPerOperation === undefined ? NONE : whole(row.mainCpuUsPerOperation),
    row.rssBytes === undefined ? NONE : megabytes(row.rssBytes),
  ];
}

function ceilingCells(own: BenchRow, ceiling: BenchRow | undefined): string[] {
  if (ceiling === undefined) return [NONE, NONE, NONE];
  const share = (100 * own.operationsPerSecond) / ceiling.operationsPerSecond;
  const cpu = ceiling.cpuUsPerOperation;
  return [whole(ceiling.operationsPerSecond), `${whole(share)} %`, cpu === undefined ? NONE : whole(cpu)];
}

function otherCells(own: BenchRow, other: BenchRow | undefined): string[] {
  if (other === undefined) return [NONE, NONE, NONE];
  const { operationsPerSecond } = other;
  const ratio = own.operationsPerSecond / operationsPerSecond;
  return [
    whole(operationsPerSecond),
    other.p50Ms.toFixed(1),
    operationsPerSecond === 0 ? 'does not do it' : `${ratio.toFixed(ratio < 10 ? 1 : 0)}x`,
  ];
}

function problemLines({ rows }: BenchReport): string[] {
  const lines = rows.flatMap((row) =>
    row.problems.map((problem) => `${row.target}, ${row.scenario}, ${row.concurrency} clients: ${problem}`),
  );
  return lines.length === 0 ? [] : ['', '(!) what is wrong:', ...lines];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return whole(bytes / MEBIBYTE);
}
