/** Writing XML. Only what AWS's answers need: elements, text, one namespace. */

// oxlint-disable-next-line no-control-regex -- they are what must not reach a parser unescaped
const SPECIAL = /[&<>"'\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

/** Text inside an element. Control characters become numeric references, as AWS writes them. */
export function escapeXml(text: string): string {
  return text.replaceAll(SPECIAL, (character) => {
    return NAMED.get(character) ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}

/** `namespace` is that of the element and all within it. */
export function xmlElement(name: string, content: string, namespace?: string): string {
  const declared = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `<${name}${declared}>${content}</${name}>`;
}
