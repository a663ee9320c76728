/** Message attributes: checking what was sent, and the MD5 digests that clients compare. */
import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '../../api/sqs.ts';
import type { MessageAttribute, MessageAttributes } from '../../engine/queue/message.ts';
import { invalidParameterValue, listValuesNotSupported } from './errors.ts';
import { MESSAGE_ATTRIBUTES_MAX } from './limits.ts';

type Given = { readonly [name: string]: MessageAttributeValue | undefined } | undefined;

const TRANSPORT_STRING = 1;
const TRANSPORT_BINARY = 2;

/** The attributes of a message in our form, or `undefined` when there are none. */
export function toMessageAttributes(given: Given): MessageAttributes | undefined {
  if (given === undefined) return undefined;
  const entries = Object.entries(given).filter(
    (entry): entry is [string, MessageAttributeValue] => !!entry[1],
  );
  if (entries.length === 0) return undefined;
  if (entries.length > MESSAGE_ATTRIBUTES_MAX) {
    throw invalidParameterValue(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MESSAGE_ATTRIBUTES_MAX}].`,
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, toMessageAttribute(name, value)]));
}

/** The one that there is: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const SYSTEM_ATTRIBUTE = 'AWSTraceHeader';

/** The system attributes of a message in our form, or `undefined` when there are none. */
export function toSystemAttributes(given: Given): MessageAttributes | undefined {
  const attributes = toMessageAttributes(given);
  for (const [name, { dataType }] of Object.entries(attributes ?? {})) {
    if (name !== SYSTEM_ATTRIBUTE) {
      throw invalidParameterValue(`Message system attribute name '${name}' is invalid.`);
    }
    if (dataType !== 'String') {
      throw invalidParameterValue(`Message system attribute '${name}' must be of type 'String'.`);
    }
  }
  return attributes;
}

function toMessageAttribute(name: string, value: MessageAttributeValue): MessageAttribute {
  const { DataType: dataType, StringListValues: strings = [], BinaryListValues: binaries = [] } = value;
  if (strings.length > 0 || binaries.length > 0) throw listValuesNotSupported();
  if (!/^[A-Za-z0-9_\-.]{1,256}$/.test(name)) {
    throw invalidParameterValue(
      `Message (user) attribute name '${name}' must only contain the characters A-Z, a-z, 0-9, _, -, and .`,
    );
  }
  if (!/^(String|Number|Binary)(\..*)?$/.test(dataType ?? '')) {
    throw invalidParameterValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (dataType.startsWith('Binary')) {
    if (value.BinaryValue === undefined) throw emptyValue(name, dataType);
    return { dataType, binaryValue: Buffer.from(value.BinaryValue).toString('base64') };
  }
  if (!value.StringValue) throw emptyValue(name, dataType);
  if (dataType.startsWith('Number') && Number.isNaN(Number(value.StringValue))) {
    throw invalidParameterValue(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return { dataType, stringValue: value.StringValue };
}

function emptyValue(name: string, dataType: string): Error {
  return invalidParameterValue(
    `Message (user) attribute '${name}' must contain a non-empty value of type '${dataType}'.`,
  );
}

export function fromMessageAttribute(attribute: MessageAttribute): MessageAttributeValue {
  return attribute.binaryValue === undefined
    ? { DataType: attribute.dataType, StringValue: attribute.stringValue }
    : { DataType: attribute.dataType, BinaryValue: Buffer.from(attribute.binaryValue, 'base64') };
}

/** Bytes of names, types and values: they count towards the size of the message. */
export function attributesSizeBytes(given: Given): number {
  let size = 0;
  for (const [name, value] of Object.entries(given ?? {})) {
    const { DataType: dataType = '', StringValue: text = '', BinaryValue: bytes } = value ?? {};
    size += Buffer.byteLength(name) + Buffer.byteLength(dataType);
    size += Buffer.byteLength(text) + (bytes?.length ?? 0);
  }
  return size;
}

/**
 * The digest that SDKs check: attributes by name, each as length-prefixed name and type, a transport byte, and the
 * length-prefixed value.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function attributesMd5(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const update = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).toSorted()) {
    const { dataType, stringValue = '', binaryValue } = attributes[name] as MessageAttribute;
    update(Buffer.from(name));
    update(Buffer.from(dataType));
    hash.update(Buffer.of(binaryValue === undefined ? TRANSPORT_STRING : TRANSPORT_BINARY));
    update(binaryValue === undefined ? Buffer.from(stringValue) : Buffer.from(binaryValue, 'base64'));
  }
  return hash.digest('hex');
}
