/**
 * The bytes of an item: its size as DynamoDB counts it, and its attributes as JSON. JSON has no bytes, so items
 * that hold binaries are marked and their binaries written as base64; the others cost no walk.
 */
import { type AttributeValue, type Item, itemOf } from '../../lang/expression/attribute-value.ts';
import { decodeRecord, encodeRecord } from '../../storage/codec.ts';
import type { Value } from '../../storage/store.ts';

interface ItemHead {
  readonly sizeBytes: number;
  readonly hasBinary?: true;
}

export interface DecodedItem {
  readonly item: Item;
  readonly sizeBytes: number;
}

export function encodeItem({ item, sizeBytes }: DecodedItem): Value {
  if (!hasBinary({ M: item })) return encodeRecord({ sizeBytes } satisfies ItemHead, JSON.stringify(item));
  const text = JSON.stringify(mapBinaries({ M: item }, toBase64).M);
  return encodeRecord({ sizeBytes, hasBinary: true } satisfies ItemHead, text);
}

export function decodeItem(value: Value): DecodedItem {
  const { head, texts } = decodeRecord<ItemHead>(value);
  const item = JSON.parse(texts[0] ?? '{}') as Item;
  return {
    sizeBytes: head.sizeBytes,
    item: head.hasBinary === true ? (mapBinaries({ M: item }, fromBase64).M ?? {}) : item,
  };
}

function hasBinary(value: AttributeValue): boolean {
  if (value.M !== undefined) {
    for (const name of Object.keys(value.M)) if (hasBinary(value.M[name] as AttributeValue)) return true;
    return false;
  }
  if (value.L !== undefined) return value.L.some(hasBinary);
  return value.B !== undefined || value.BS !== undefined;
}

/** In a stored item a binary is its base64, where the type says bytes. */
type Translate = (binary: Uint8Array) => Uint8Array;

const toBase64 = ((bytes: Uint8Array) => Buffer.from(bytes).toString('base64')) as unknown as Translate;
const fromBase64 = ((text: string) => Buffer.from(text, 'base64')) as unknown as Translate;

function mapBinaries(value: AttributeValue, translate: Translate): AttributeValue {
  if (value.B !== undefined) return { B: translate(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(translate) };
  if (value.L !== undefined) return { L: value.L.map((element) => mapBinaries(element, translate)) };
  if (value.M === undefined) return value;
  const entries = Object.entries(value.M);
  return { M: itemOf(entries.map(([name, element]) => [name, mapBinaries(element, translate)] as const)) };
}
