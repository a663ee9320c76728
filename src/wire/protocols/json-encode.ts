/**
 * Turns the typed output of an operation into what `JSON.stringify` may write: blobs become base64, timestamps
 * seconds since the epoch. A shape that contains neither (most do not) has no encoder at all and is written as it
 * is; elsewhere the walk copies only the path to what it converts, so that output which a handler shares with its
 * own records is never changed.
 */
import type { MemberModel, ServiceModel, Shape, TimestampFormat } from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { formatIsoMs } from '../../base/clock.ts';
import { timestampFormatOf } from './json-decode.ts';

export type Encode = (value: unknown) => unknown;

interface StructureMember {
  readonly name: string;
  readonly wireName: string;
  readonly encode: Encode | undefined;
}

export function encodeBlob(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value).toString('base64');
  const bytes = value as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function encodeTimestampSeconds(value: unknown): unknown {
  return (value as number) / 1000;
}

function encodeTimestampIso(value: unknown): unknown {
  return formatIsoMs(value as number);
}

function encodeTimestampAs(format: TimestampFormat): Encode {
  return format === 'iso8601' ? encodeTimestampIso : encodeTimestampSeconds;
}

/** JSON has no way to write these; AWS writes their names. */
function encodeFloat(value: unknown): unknown {
  return Number.isFinite(value) ? value : String(value);
}

/** The encoders of one service's shapes. */
export class JsonEncoders {
  readonly #model: ServiceModel;
  readonly #compiled = new Map<string, Encode>();
  readonly #converts = new Map<string, boolean>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  /** Undefined when values of the shape need no conversion. */
  get(shapeName: string): Encode | undefined {
    let converts = this.#converts.get(shapeName);
    if (converts === undefined) {
      converts = this.#containsConversion(shapeName, new Set());
      this.#converts.set(shapeName, converts);
    }
    return converts ? this.#compile(shapeName) : undefined;
  }

  #shape(name: string): Shape {
    const shape = this.#model.shapes[name];
    invariant(shape !== undefined, `the model has no shape ${name}`);
    return shape;
  }

  #containsConversion(name: string, visiting: Set<string>): boolean {
    // A shape that is being visited, or was, adds nothing: had it said yes, the search would have ended.
    if (visiting.has(name)) return false;
    visiting.add(name);
    const shape = this.#shape(name);
    return (
      isConverted(shape) || this.#partsOf(shape).some((part) => this.#containsConversion(part, visiting))
    );
  }

  #partsOf(shape: Shape): readonly string[] {
    if (shape.type === 'structure') return Object.values(shape.members).map((member) => member.shape);
    if (shape.type === 'list') return [shape.member.shape];
    return shape.type === 'map' ? [shape.value.shape] : [];
  }

  #compile(name: string): Encode {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const shape = this.#shape(name);
    const encode = this.#compileShape(name, shape);
    this.#compiled.set(name, encode);
    return encode;
  }

  #compileShape(name: string, shape: Shape): Encode {
    switch (shape.type) {
      case 'structure': {
        const members: StructureMember[] = [];
        const encode: Encode = (value) => encodeStructure(value as Record<string, unknown>, members);
        this.#compiled.set(name, encode);
        members.push(...this.#structureMembers(shape.members));
        return encode;
      }
      case 'list':
        return this.#compileContainer(name, shape.member, encodeList);
      case 'map':
        return this.#compileContainer(name, shape.value, encodeMap);
      case 'blob':
        return encodeBlob;
      case 'timestamp':
        return encodeTimestampAs(shape.timestampFormat ?? 'unixTimestamp');
      default:
        return encodeFloat;
    }
  }

  #structureMembers(models: Readonly<Record<string, MemberModel>>): StructureMember[] {
    const members = Object.entries(models).map(([name, member]): StructureMember => {
      const shape = this.#shape(member.shape);
      const encode =
        shape.type === 'timestamp'
          ? encodeTimestampAs(timestampFormatOf(this.#model, member, 'unixTimestamp'))
          : this.get(member.shape);
      return { name, wireName: member.location === undefined ? (member.locationName ?? name) : name, encode };
    });
    return members.filter((member) => member.encode !== undefined || member.name !== member.wireName);
  }

  #compileContainer(
    name: string,
    element: MemberModel,
    encodeAll: (value: unknown, element: Encode) => unknown,
  ): Encode {
    let encodeElement: Encode | undefined;
    const encode: Encode = (value) => encodeAll(value, (encodeElement ??= this.#compile(element.shape)));
    this.#compiled.set(name, encode);
    return encode;
  }
}

function isConverted(shape: Shape): boolean {
  if (shape.type === 'structure') {
    return Object.entries(shape.members).some(
      ([name, member]) => member.location === undefined && (member.locationName ?? name) !== name,
    );
  }
  return ['blob', 'timestamp', 'float', 'double'].includes(shape.type);
}

function encodeStructure(value: Record<string, unknown>, members: readonly StructureMember[]): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const { name, wireName, encode } of members) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    const encoded = encode === undefined ? given : encode(given);
    if (encoded === given && name === wireName) continue;
    copy ??= { ...value };
    if (name !== wireName) copy[name] = undefined;
    copy[wireName] = encoded;
  }
  return copy ?? value;
}

function encodeList(value: unknown, element: Encode): unknown {
  const list = value as readonly unknown[];
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index += 1) {
    const given = list[index];
    const encoded = element(given);
    if (encoded === given) continue;
    copy ??= [...list];
    copy[index] = encoded;
  }
  return copy ?? list;
}

function encodeMap(value: unknown, element: Encode): unknown {
  const map = value as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(map)) {
    const given = map[key];
    if (given === undefined) continue;
    const encoded = element(given);
    if (encoded === given) continue;
    copy ??= Object.assign(Object.create(null) as Record<string, unknown>, map);
    copy[key] = encoded;
  }
  return copy ?? map;
}
