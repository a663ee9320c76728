/** The logs of several processes as one: each line says which region it is of. */
import type { Readable } from 'node:stream';

/** A line longer than this is passed on in pieces, so that nobody's stderr is held in memory. */
const LINE_LENGTH_MAX = 64 * 1024;

export function tagLine(region: string, line: string): string {
  // Some lines say it themselves; a name must not be in an object twice.
  if (line.startsWith('{"') && line.includes(`"region":"${region}"`)) return line;
  return line.startsWith('{"') ? `{"region":"${region}",${line.slice(1)}` : `[${region}] ${line}`;
}

/** Passes on each line as it is complete, and what is left at the end. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    if (rest.length <= LINE_LENGTH_MAX) return;
    take(rest);
    rest = '';
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
  });
}
