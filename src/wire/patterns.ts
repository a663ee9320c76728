/**
 * The regular expressions of AWS's models, as JavaScript ones. They are Java's, written by AWS, and run on what
 * callers send: so those that can backtrack exponentially are replaced by equal ones that cannot, and nothing
 * longer than a bound is ever matched. A pattern matches the whole value, as in Java.
 */

/**
 * The two that nest a repeated class inside a repeated group which begins with characters of the same class: on
 * 512 spaces and one bad character they would run for ever. Both say "characters of the class and tabs, at least
 * one of them of the class".
 */
const LINEAR_EQUIVALENTS: ReadonlyMap<string, string> = new Map([
  [
    String.raw`^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$`,
    String.raw`\t*[^\x00-\x1F:\x7F](?:[^\x00-\x1F:\x7F]|\t)*`,
  ],
  [String.raw`^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$`, String.raw`\t*[\x20-\x7E][\t\x20-\x7E]*`],
  [
    String.raw`[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*)`,
    String.raw`\t*[\x20-\x7E][\t\x20-\x7E]*|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*)`,
  ],
]);

/** Longer values are not matched at all; the longest bound in the models, a policy document's, is below. */
export const PATTERN_INPUT_MAX = 140_000;

/** Java's names of character classes that JavaScript does not have. */
function toJavaScript(pattern: string): string {
  return pattern
    .replaceAll(String.raw`\p{ASCII}`, String.raw`[\x00-\x7F]`)
    .replaceAll(String.raw`\p{Print}`, String.raw`[\x20-\x7E]`);
}

/** Classes of properties, and ranges between surrogate pairs, mean what they say in Unicode mode alone. */
const NEEDS_UNICODE = /\\p\{|\\uD800\\uDC00/;

/** The expression for a model's pattern. Unicode mode only where it must be: it refuses needless escapes. */
export function compilePattern(pattern: string): RegExp {
  const source = toJavaScript(LINEAR_EQUIVALENTS.get(pattern) ?? pattern);
  return new RegExp(`^(?:${source})$`, NEEDS_UNICODE.test(source) ? 'u' : '');
}
