/**
 * Names of the Domain Name System in the one form that the engine keeps: in lower case, without the dot at the end,
 * unusual bytes as `\` and three octal digits, as Route 53 writes them. The asterisk of a wildcard stays `*` here and
 * is shown as `\052`. Labels are split at dots: an escaped dot is `\056`, so it never splits.
 *
 * Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */

const NAME_LENGTH_MAX = 255;
const LABEL_LENGTH_MAX = 63;

/** What is wrong with a text, as Route 53 says it: `DomainLabelEmpty (Domain label is empty)`. */
export interface Problem {
  readonly problem: string;
}

/** Characters that stand for themselves in a label; all other ASCII is written as an octal escape. */
const PLAIN = /^[a-z0-9\-!"#$%&'()*+,/:;<=>?@[\]^_`{|}~]$/;

/** The name that a text says, fully qualified with or without its dot; or what is wrong with it. */
export function parseDomainName(text: string): string | Problem {
  if (text === '' || text === '.') return { problem: 'DomainNameEmpty (Domain name is empty)' };
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  const parsed: string[] = [];
  let length = 0;
  for (const label of labels) {
    if (label === '') return { problem: 'DomainLabelEmpty (Domain label is empty)' };
    const found = parseLabel(label);
    if (found === undefined) {
      return { problem: 'UnsupportedCharacter (Value contains unsupported characters)' };
    }
    if (found.length > LABEL_LENGTH_MAX) return { problem: 'DomainLabelTooLong (Domain label is too long)' };
    length += found.length + 1;
    parsed.push(found.text);
  }
  if (length > NAME_LENGTH_MAX) return { problem: 'DomainNameTooLong (Domain name is too long)' };
  return parsed.join('.');
}

/** A label in its one form and its length in bytes; undefined when it holds what no label can. */
function parseLabel(label: string): { readonly text: string; readonly length: number } | undefined {
  let text = '';
  let length = 0;
  for (let at = 0; at < label.length; length += 1) {
    const escaped = label[at] === '\\' ? /^\\([0-3][0-7]{2})/.exec(label.slice(at, at + 4)) : null;
    const code = escaped === null ? label.charCodeAt(at) : Number.parseInt(escaped[1] ?? '', 8);
    // A backslash is only ever the start of an escape; bytes past ASCII come as escapes, or not at all.
    if (escaped === null && (label[at] === '\\' || code <= 0x20 || code > 0x7e)) return undefined;
    text += labelCharacter(code);
    at += escaped === null ? 1 : 4;
  }
  return { text, length };
}

function labelCharacter(code: number): string {
  const character = String.fromCharCode(code).toLowerCase();
  return PLAIN.test(character) ? character : `\\${code.toString(8).padStart(3, '0')}`;
}

/** As answers of the API show a name: with its dot, and `\052` for the asterisk. */
export function toShownName(name: string): string {
  return `${name.replaceAll('*', '\\052')}.`;
}

/** Whether `name` is `zone` or below it. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** The name without its first label; undefined for a name of one label. */
export function parentOf(name: string): string | undefined {
  const dot = name.indexOf('.');
  return dot === -1 ? undefined : name.slice(dot + 1);
}

/** Names sorted by this stand in the order of Route 53's lists: label by label from the right. */
export function sortKeyOf(name: string): string {
  return name.replaceAll('*', '\\052').split('.').toReversed().join('\u0000');
}
