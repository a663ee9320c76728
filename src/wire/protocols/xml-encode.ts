/** Writes outputs as XML by the model of their service: what Query and REST XML have in common. */
import type { ListShape, MapShape, MemberModel, ServiceModel, Shape } from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { formatIsoMs, formatIsoSeconds } from '../../base/clock.ts';
import { encodeBlob } from './json-encode.ts';
import { escapeXml, xmlElement } from './xml.ts';

export function requireShape(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  invariant(shape !== undefined, `the model has no shape ${name}`);
  return shape;
}

export function isFlattened(shape: ListShape | MapShape, member: MemberModel): boolean {
  return shape.flattened === true || member.flattened === true;
}

/** The element of a member. A flattened list is named by its elements, not by the member that holds it. */
export function xmlNameOf(model: ServiceModel, name: string, member: MemberModel): string {
  const shape = requireShape(model, member.shape);
  if (shape.type === 'list' && isFlattened(shape, member) && shape.member.locationName !== undefined) {
    return shape.member.locationName;
  }
  return member.locationName ?? name;
}

export class XmlEncoder {
  readonly #model: ServiceModel;

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  /** The elements of a structure, without one around them. Members that lie outside the body are left out. */
  structure(shapeName: string, value: Readonly<Record<string, unknown>>): string {
    const shape = requireShape(this.#model, shapeName);
    invariant(shape.type === 'structure', `${shapeName} is no structure`);
    let xml = '';
    for (const [name, member] of Object.entries(shape.members)) {
      const given = value[name];
      if (given === undefined || given === null || member.location !== undefined) continue;
      xml += this.#member(xmlNameOf(this.#model, name, member), member, given);
    }
    return xml;
  }

  #member(element: string, member: MemberModel, value: unknown): string {
    const shape = requireShape(this.#model, member.shape);
    switch (shape.type) {
      case 'structure':
        return xmlElement(element, this.structure(member.shape, value as Record<string, unknown>));
      case 'list': {
        const flattened = isFlattened(shape, member);
        const name = flattened ? element : (shape.member.locationName ?? 'member');
        const items = (value as readonly unknown[])
          .map((item) => this.#member(name, shape.member, item))
          .join('');
        return flattened ? items : xmlElement(element, items);
      }
      case 'map': {
        const flattened = isFlattened(shape, member);
        const entries = Object.entries(value as object)
          .map(([key, item]) => xmlElement(flattened ? element : 'entry', this.#entry(shape, key, item)))
          .join('');
        return flattened ? entries : xmlElement(element, entries);
      }
      default:
        return xmlElement(element, escapeXml(scalarText(shape, member, value)));
    }
  }

  #entry(shape: MapShape, key: string, value: unknown): string {
    const keyElement = xmlElement(shape.key.locationName ?? 'key', escapeXml(key));
    return keyElement + this.#member(shape.value.locationName ?? 'value', shape.value, value);
  }
}

function scalarText(shape: Shape, member: MemberModel, value: unknown): string {
  if (shape.type === 'blob') return String(encodeBlob(value));
  if (shape.type !== 'timestamp') return String(value);
  const format = member.timestampFormat ?? shape.timestampFormat ?? 'iso8601';
  const atMs = value as number;
  if (format === 'unixTimestamp') return String(atMs / 1000);
  // IAM and STS write whole seconds; a fraction is only shown where there is one.
  return atMs % 1000 === 0 ? formatIsoSeconds(atMs) : formatIsoMs(atMs);
}
