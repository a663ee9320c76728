/**
 * The types of the generated service models: what `scripts/generate-api.ts` keeps of an AWS service model, as pure
 * data. Hand-written; the wire compiles these tables into routes, codecs and validators, nothing else reads them.
 *
 * The TypeScript types generated beside each model use wire names exactly as AWS spells them. In them a blob is a
 * `Uint8Array`, a timestamp is a number (milliseconds since the epoch), and every other scalar is what JSON makes of
 * it. An optional member may also be given as `undefined`, which is the same as leaving it out.
 */

export type Protocol = 'json' | 'query' | 'rest-json' | 'rest-xml' | 'smithy-rpc-v2-cbor';

export type TimestampFormat = 'unixTimestamp' | 'iso8601' | 'rfc822';

interface ServiceMetadata {
  readonly serviceId: string;
  readonly apiVersion: string;
  readonly protocols: readonly Protocol[];
  /** `1.0` or `1.1`; AWS JSON only. */
  readonly jsonVersion?: string;
  /** The part of `X-Amz-Target` before the dot; AWS JSON only. */
  readonly targetPrefix?: string;
  /** The service in the SigV4 credential scope. */
  readonly signingName: string;
  /** The first label of AWS's own host name. */
  readonly endpointPrefix: string;
  /** The namespace of XML answers; Query and REST XML only. */
  readonly xmlNamespace?: string;
  /** The service once spoke Query, and its JSON errors repeat the old codes in `x-amzn-query-error`. */
  readonly awsQueryCompatible?: true;
}

export interface OperationModel {
  readonly method: string;
  /** `/` or a REST template such as `/v1/pipes/{Name}`; `{Key+}` matches across slashes. */
  readonly uri: string;
  /** HTTP status of success when it is not 200. */
  readonly status?: number;
  /** A label that clients put before the host name, such as `sync-`. */
  readonly hostPrefix?: string;
  readonly input?: string;
  readonly output?: string;
  /** The element around the output in Query answers. */
  readonly resultWrapper?: string;
  readonly errors?: readonly string[];
  /** The operation is called without a signature. */
  readonly unsigned?: true;
}

type MemberLocation = 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';

export interface MemberModel {
  readonly shape: string;
  readonly location?: MemberLocation;
  /** The name on the wire where it is not the member's own. */
  readonly locationName?: string;
  readonly flattened?: true;
  readonly timestampFormat?: TimestampFormat;
  readonly jsonvalue?: true;
  /** Clients fill the member when the caller leaves it out. */
  readonly idempotencyToken?: true;
}

interface ErrorModel {
  /** The code on the wire where it is not the shape's name. */
  readonly code?: string;
  readonly status?: number;
  /** The server's fault. */
  readonly fault?: true;
}

export interface StructureShape {
  readonly type: 'structure';
  readonly members: Readonly<Record<string, MemberModel>>;
  readonly required?: readonly string[];
  /** The member that is the whole body of the message; REST only. */
  readonly payload?: string;
  /** Exactly one member is set. */
  readonly union?: true;
  readonly eventstream?: true;
  readonly sensitive?: true;
  readonly error?: ErrorModel;
}

export interface ListShape {
  readonly type: 'list';
  readonly member: MemberModel;
  readonly flattened?: true;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: true;
}

export interface MapShape {
  readonly type: 'map';
  readonly key: MemberModel;
  readonly value: MemberModel;
  readonly flattened?: true;
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: true;
}

type ScalarType =
  'string' | 'blob' | 'boolean' | 'integer' | 'long' | 'float' | 'double' | 'timestamp';

export interface ScalarShape {
  readonly type: ScalarType;
  /** Characters of a string, bytes of a blob, value of a number. */
  readonly min?: number;
  readonly max?: number;
  /** As in the model: a Java regular expression that matches the whole value. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly timestampFormat?: TimestampFormat;
  readonly streaming?: true;
  /** Never logged, and left out of validation messages. */
  readonly sensitive?: true;
}

export type Shape = StructureShape | ListShape | MapShape | ScalarShape;

export interface ServiceModel {
  /** The name of the service's file in `src/api`. */
  readonly id: string;
  readonly metadata: ServiceMetadata;
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** What routing must know of a service before its model is loaded. */
export interface ServiceRoute {
  readonly signingName: string;
  readonly endpointPrefix: string;
  readonly targetPrefix?: string;
  /** Query services: the `Version` of their forms. */
  readonly apiVersion: string;
  readonly protocols: readonly Protocol[];
  /** REST services: the first path segments of their operations. */
  readonly roots?: readonly string[];
}
