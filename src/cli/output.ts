/**
 * What commands print: JSON for programs with `--json`, text for people otherwise, colour only on a terminal.
 * Results go to stdout, progress and problems to stderr.
 */
import { styleText } from 'node:util';

export interface Output {
  readonly isJson: boolean;
  /** The result: the value with `--json`, the text otherwise. */
  result(value: unknown, text: string): void;
  /** Progress and remarks; nothing with `--json`. */
  note(text: string): void;
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    result: (value, text) => {
      process.stdout.write(`${isJson ? JSON.stringify(value) : text}\n`);
    },
    note: (text) => {
      if (!isJson) process.stderr.write(`${text}\n`);
    },
  };
}

type Style = Parameters<typeof styleText>[0];

/** Colour, when stdout is a terminal that wants it (NO_COLOR is honoured). */
export function style(format: Style, text: string): string {
  return process.stdout.isTTY ? styleText(format, text) : text;
}

/** Columns of text, each as wide as its widest cell; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((widest, row) => {
    row.forEach((cell, column) => (widest[column] = Math.max(widest[column] ?? 0, cell.length)));
    return widest;
  }, []);
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
