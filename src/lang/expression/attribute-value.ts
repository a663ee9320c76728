/**
 * Attribute values and items, in the shape that the wire has them: exactly one member, numbers as canonical text
 * (`normalize.ts` makes them so). Values are never changed in place: an update makes new ones along its path, so
 * an item in a cache, in an answer and in a condition can be the same object.
 */
import { compareNumberTexts } from './decimal.ts';

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS' | 'BS';

export interface AttributeValue {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly B?: Uint8Array | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
  readonly L?: readonly AttributeValue[] | undefined;
  readonly M?: Item | undefined;
  readonly SS?: readonly string[] | undefined;
  readonly NS?: readonly string[] | undefined;
  readonly BS?: readonly Uint8Array[] | undefined;
}

/** The attributes of an item, or of a map inside it. Names come from users: read them with `attributeOf`. */
export type Item = { readonly [name: string]: AttributeValue };

/** Most common first: `typeOf` asks in this order. */
const TYPES: readonly AttributeType[] = ['S', 'N', 'BOOL', 'M', 'L', 'NULL', 'SS', 'B', 'NS', 'BS'];

/** The one type of a value that `normalize` has let through. */
export function typeOf(value: AttributeValue): AttributeType {
  for (const type of TYPES) if (value[type] !== undefined) return type;
  return 'NULL';
}

/** The attribute of that name, which may be `__proto__` or `constructor` like any other. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** A new item made of `entries`, safe for any attribute name. */
export function itemOf(entries: Iterable<readonly [string, AttributeValue]>): Item {
  // `Object.fromEntries` defines properties, so the name `__proto__` makes an attribute and not a prototype.
  return Object.fromEntries(entries);
}

/** Moves UTF-16 units so that comparing them orders texts by code point, as comparing UTF-8 bytes does. */
function inCodePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** The order of two texts by their UTF-8 bytes, which is DynamoDB's. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA !== unitB) return inCodePointOrder(unitA) - inCodePointOrder(unitB);
  }
  return a.length - b.length;
}

/** The order of two values of one type, S, N or B; `undefined` when they have none. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined) return b.S === undefined ? undefined : compareTexts(a.S, b.S);
  if (a.N !== undefined) return b.N === undefined ? undefined : compareNumberTexts(a.N, b.N);
  if (a.B !== undefined) return b.B === undefined ? undefined : Buffer.compare(a.B, b.B);
  return undefined;
}

/** Bytes as a text that is equal exactly for equal bytes, for sets of them. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function setsEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  const members = new Set(a);
  return b.every((member) => members.has(member));
}

function mapsEqual(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const other = attributeOf(b, name);
    return other !== undefined && valuesEqual(a[name] as AttributeValue, other);
  });
}

/** Equality as `=` has it: of one type and the same content, sets in any order. Depth is bounded by `normalize`. */
export function valuesEqual(a: AttributeValue, b: AttributeValue): boolean {
  if (a === b) return true;
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  switch (type) {
    case 'B':
      return compareValues(a, b) === 0;
    case 'L': {
      const [listA = [], listB = []] = [a.L, b.L];
      return (
        listA.length === listB.length && listA.every((v, i) => valuesEqual(v, listB[i] as AttributeValue))
      );
    }
    case 'M':
      return mapsEqual(a.M ?? {}, b.M ?? {});
    case 'SS':
      return setsEqual(a.SS ?? [], b.SS ?? []);
    case 'NS':
      return setsEqual(a.NS ?? [], b.NS ?? []);
    case 'BS':
      return setsEqual((a.BS ?? []).map(bytesKey), (b.BS ?? []).map(bytesKey));
    default:
      return a[type] === b[type];
  }
}
