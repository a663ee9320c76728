/**
 * Reads an input from the XML of a request, by the model of its service. Elements that the model does not know are
 * refused, as Route 53's schema refuses them; in which order they come does not count, though its schema says so.
 * Recursion is bounded by the depth that `xml-parse.ts` lets through.
 */
import type { ListShape, MapShape, MemberModel, ServiceModel } from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { scalarFromText } from './scalar-text.ts';
import { isFlattened, requireShape, xmlNameOf } from './xml-encode.ts';
import { invalidXml } from './xml-parse.ts';
import type { XmlElement } from './xml-parse.ts';

type Input = Record<string, unknown>;

const unexpected = (name: string): Error =>
  invalidXml(
    `cvc-complex-type.2.4.a: Invalid content was found starting with element '${name.slice(0, 100)}'.`,
  );

export class XmlDecoder {
  readonly #model: ServiceModel;

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  /** The members of a structure that lie in the body. */
  structure(shapeName: string, element: XmlElement): Input {
    const shape = requireShape(this.#model, shapeName);
    invariant(shape.type === 'structure', `${shapeName} is no structure`);
    const byElement = Map.groupBy(element.children, ({ name }) => name);
    const result: Input = {};
    for (const [name, member] of Object.entries(shape.members)) {
      if (member.location !== undefined) continue;
      const wireName = xmlNameOf(this.#model, name, member);
      const found = byElement.get(wireName);
      if (found === undefined) continue;
      byElement.delete(wireName);
      result[name] = this.#member(member, found);
    }
    for (const name of byElement.keys()) throw unexpected(name);
    return result;
  }

  /** A member, given all elements of its name: more than one is for flattened lists and maps. */
  #member(member: MemberModel, found: readonly XmlElement[]): unknown {
    const shape = requireShape(this.#model, member.shape);
    if ((shape.type === 'list' || shape.type === 'map') && isFlattened(shape, member)) {
      return shape.type === 'list' ? this.#list(shape, found) : this.#map(shape, found);
    }
    const [element, second] = found;
    invariant(element !== undefined, 'a member has an element');
    if (second !== undefined) throw unexpected(second.name);
    return this.#value(member, element);
  }

  #value(member: MemberModel, element: XmlElement): unknown {
    const shape = requireShape(this.#model, member.shape);
    switch (shape.type) {
      case 'structure':
        return this.structure(member.shape, element);
      case 'list':
        return this.#list(shape, childrenNamed(element, shape.member.locationName ?? 'member'));
      case 'map':
        return this.#map(shape, childrenNamed(element, 'entry'));
      default: {
        const [inner] = element.children;
        if (inner !== undefined) throw unexpected(inner.name);
        return scalarFromText(
          shape,
          shape.type === 'string' ? element.text : element.text.trim(),
          invalidXml,
        );
      }
    }
  }

  #list(shape: ListShape, elements: readonly XmlElement[]): unknown[] {
    return elements.map((element) => this.#value(shape.member, element));
  }

  #map(shape: MapShape, entries: readonly XmlElement[]): Input {
    const result = Object.create(null) as Input;
    for (const { children } of entries) {
      const key = children.find(({ name }) => name === (shape.key.locationName ?? 'key'));
      const value = children.find(({ name }) => name === (shape.value.locationName ?? 'value'));
      if (key !== undefined && value !== undefined) result[key.text] = this.#value(shape.value, value);
    }
    return result;
  }
}

function childrenNamed({ children }: XmlElement, name: string): readonly XmlElement[] {
  const stranger = children.find((child) => child.name !== name);
  if (stranger !== undefined) throw unexpected(stranger.name);
  return children;
}
