/** Between the members of the API and the tables of the engine. */
import type {
  AttributeDefinition,
  KeySchemaElement,
  OnDemandThroughput,
  ProvisionedThroughput as WireThroughput,
  TableDescription,
  TimeToLiveDescription,
} from '../../api/dynamodb.ts';
import type {
  KeySchema,
  KeyType,
  ProvisionedThroughput,
  TableConfig,
  TableRecord,
} from '../../engine/table/table-record.ts';
import { schemaAttributes } from '../../engine/table/table-index.ts';
import * as errors from './errors.ts';

type BillingDescription = Pick<
  TableDescription,
  'BillingModeSummary' | 'OnDemandThroughput' | 'ProvisionedThroughput'
>;

export function describeBilling({ config, createdAtMs }: TableRecord): BillingDescription {
  const { provisionedThroughput, onDemandMaximum, billingChangedAtMs = createdAtMs } = config;
  if (provisionedThroughput !== undefined) {
    return { ProvisionedThroughput: describeThroughput(provisionedThroughput) };
  }
  return {
    BillingModeSummary: {
      BillingMode: 'PAY_PER_REQUEST',
      LastUpdateToPayPerRequestDateTime: billingChangedAtMs,
    },
    ProvisionedThroughput: describeThroughput({ readUnits: 0, writeUnits: 0 }),
    ...(onDemandMaximum === undefined
      ? {}
      : {
          OnDemandThroughput: {
            MaxReadRequestUnits: onDemandMaximum.readUnits ?? -1,
            MaxWriteRequestUnits: onDemandMaximum.writeUnits ?? -1,
          },
        }),
  };
}

export function describeThroughput({ readUnits, writeUnits }: ProvisionedThroughput) {
  return { NumberOfDecreasesToday: 0, ReadCapacityUnits: readUnits, WriteCapacityUnits: writeUnits };
}

export function describeClass({ tableClass, tableClassChangedAtMs }: TableConfig) {
  return { TableClass: tableClass, LastUpdateDateTime: tableClassChangedAtMs };
}

export function toKeySchema({ partition, sort }: KeySchema): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: partition.name, KeyType: 'HASH' };
  return sort === undefined ? [hash] : [hash, { AttributeName: sort.name, KeyType: 'RANGE' }];
}

/** Each attribute that is part of a key, once. */
export function toAttributeDefinitions({ keySchema, indexes }: TableRecord): AttributeDefinition[] {
  const types = new Map<string, KeyType>();
  for (const schema of [keySchema, ...indexes.map((index) => index.keySchema)]) {
    for (const { name, type } of schemaAttributes(schema)) types.set(name, type);
  }
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

/** The types of the attributes that keys are made of, as a request defines them. */
export class KeyTypes {
  readonly #types: ReadonlyMap<string, KeyType>;

  constructor(definitions: readonly AttributeDefinition[]) {
    this.#types = new Map(definitions.map((one) => [one.AttributeName, one.AttributeType]));
  }

  /** The schema of a table or an index. Throws `ValidationException` in the service's words. */
  schema(elements: readonly KeySchemaElement[]): KeySchema {
    const [hash, range] = elements;
    if (hash === undefined) throw errors.invalidValues('Missing the KeySchema');
    this.#checkDefined(elements.map(({ AttributeName }) => AttributeName));
    if (hash.AttributeName === range?.AttributeName) {
      throw errors.validation(
        'Both the Hash Key and the Range Key element in the KeySchema have the same name',
      );
    }
    if (hash.KeyType !== 'HASH') {
      throw errors.validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
    }
    if (range !== undefined && range.KeyType !== 'RANGE') {
      throw errors.validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
    }
    const attribute = (name: string) => ({ name, type: this.#types.get(name) ?? 'S' });
    const partition = attribute(hash.AttributeName);
    return range === undefined ? { partition } : { partition, sort: attribute(range.AttributeName) };
  }

  #checkDefined(names: readonly string[]): void {
    const isUndefined = names.some((name) => !this.#types.has(name));
    if (names.length === 1 && isUndefined) {
      throw errors.invalidValues(
        'Some index key attributes are not defined in AttributeDefinitions. ' +
          `Keys: [${names.join(', ')}], AttributeDefinitions: [${[...this.#types.keys()].join(', ')}]`,
      );
    }
    if (isUndefined || (names[0] === names[1] && this.#types.size === 1)) {
      throw errors.validation('Invalid KeySchema: Some index key attribute have no definition');
    }
  }
}

export function parseThroughput(throughput: WireThroughput): ProvisionedThroughput {
  return { readUnits: throughput.ReadCapacityUnits, writeUnits: throughput.WriteCapacityUnits };
}

/** -1 takes a maximum away, as in the API. */
export function parseOnDemandMaximum(given: OnDemandThroughput): NonNullable<TableConfig['onDemandMaximum']> {
  const { MaxReadRequestUnits: readUnits = -1, MaxWriteRequestUnits: writeUnits = -1 } = given;
  return { ...(readUnits < 0 ? {} : { readUnits }), ...(writeUnits < 0 ? {} : { writeUnits }) };
}

export function describeTimeToLive({ timeToLive }: TableRecord): TimeToLiveDescription {
  if (timeToLive?.isEnabled !== true) return { TimeToLiveStatus: 'DISABLED' };
  return { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attributeName };
}
