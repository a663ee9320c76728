/**
 * How AWS shows a value in a validation message: as Java's `toString` would, structures as `Name(member=value)`.
 * The result is cut off, so that a message never repeats megabytes of input.
 */
import type { ServiceModel } from '../api/model.ts';

const SHOWN_CHARACTERS_MAX = 16_384;

/** Members in the order of AWS's own class, where a recording shows that it differs from the model's. */
const MEMBER_ORDERS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'events.PutEventsRequestEntry',
    [
      'Time',
      'Source',
      'Resources',
      'DetailType',
      'Detail',
      'EventBusName',
      'TraceHeader',
      'KmsKeyIdentifier',
      'InternalMetadata',
    ],
  ],
]);

function format(model: ServiceModel, shapeName: string, value: unknown): string {
  if (value === undefined || value === null) return 'null';
  const shape = model.shapes[shapeName];
  switch (shape?.type) {
    case 'structure': {
      const members = MEMBER_ORDERS.get(`${model.id}.${shapeName}`) ?? Object.keys(shape.members);
      const record = value as Readonly<Record<string, unknown>>;
      const shown = members.map((name) => {
        const text = format(model, shape.members[name]?.shape ?? '', record[name]);
        return `${name.charAt(0).toLowerCase()}${name.slice(1)}=${text}`;
      });
      return `${shapeName}(${shown.join(', ')})`;
    }
    case 'list':
      return `[${(value as readonly unknown[]).map((item) => format(model, shape.member.shape, item)).join(', ')}]`;
    case 'map': {
      const entries = Object.entries(value).map(
        ([key, item]) => `${key}=${format(model, shape.value.shape, item)}`,
      );
      return `{${entries.join(', ')}}`;
    }
    case 'blob': {
      const { length } = value as Uint8Array;
      return `java.nio.HeapByteBuffer[pos=0 lim=${length} cap=${length}]`;
    }
    default:
      return String(value as string | number | boolean);
  }
}

export function formatJavaValue(model: ServiceModel, shapeName: string, value: unknown): string {
  const text = format(model, shapeName, value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text;
}
