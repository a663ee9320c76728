/** A service whose model is in memory: its protocols, its routes and its compiled operations. */
import type { OperationModel, Protocol, ServiceModel } from '../api/model.ts';
import { registry } from '../api/registry.ts';
import type { ServiceId } from '../api/registry.ts';
import { invariant } from '../base/assert.ts';
import { AwsJson } from './protocols/aws-json.ts';
import { AwsQuery } from './protocols/aws-query.ts';
import type { OperationCodec, ProtocolCodec } from './protocols/protocol.ts';
import { RestJson } from './protocols/rest-json.ts';
import { RestXml } from './protocols/rest-xml.ts';
import { SqsQuery } from './protocols/sqs-query.ts';
import { RestTrie } from './rest-trie.ts';
import { Validators } from './validate.ts';

export interface LoadedOperation {
  readonly name: string;
  readonly model: OperationModel;
  readonly codec: OperationCodec;
  readonly validate: ((input: unknown) => void) | undefined;
}

const CODECS: Readonly<Partial<Record<Protocol, (model: ServiceModel) => ProtocolCodec>>> = {
  json: (model) => new AwsJson(model),
  query: (model) => (model.id === 'sqs' ? new SqsQuery(model) : new AwsQuery(model)),
  'rest-json': (model) => new RestJson(model),
  'rest-xml': (model) => new RestXml(model),
};

export class LoadedService {
  readonly id: ServiceId;
  readonly model: ServiceModel;
  readonly #validators: Validators;
  readonly #codecs = new Map<Protocol, ProtocolCodec>();
  readonly #operations = new Map<string, LoadedOperation>();
  #trie: RestTrie | undefined;

  constructor(id: ServiceId, model: ServiceModel) {
    this.id = id;
    this.model = model;
    this.#validators = new Validators(model);
  }

  get trie(): RestTrie {
    return (this.#trie ??= new RestTrie(this.model));
  }

  speaks(protocol: Protocol): boolean {
    return this.model.metadata.protocols.includes(protocol) && CODECS[protocol] !== undefined;
  }

  codec(protocol: Protocol): ProtocolCodec {
    let codec = this.#codecs.get(protocol);
    if (codec === undefined) {
      const create = CODECS[protocol];
      invariant(create !== undefined, `no codec for ${protocol}`);
      codec = create(this.model);
      this.#codecs.set(protocol, codec);
    }
    return codec;
  }

  /** Undefined when the model has no such operation. */
  operation(protocol: Protocol, name: string): LoadedOperation | undefined {
    const key = `${protocol} ${name}`;
    const known = this.#operations.get(key);
    if (known !== undefined) return known;
    if (!Object.hasOwn(this.model.operations, name)) return undefined;
    const model = this.model.operations[name];
    invariant(model !== undefined, name);
    const validate = model.input === undefined ? undefined : this.#validators.get(model.input);
    const operation = { name, model, codec: this.codec(protocol).operation(name, model), validate };
    this.#operations.set(key, operation);
    return operation;
  }
}

/** Loads models as they are called for, each once. */
export class ServiceLoader {
  readonly #loaded = new Map<ServiceId, LoadedService>();
  readonly #loading = new Map<ServiceId, Promise<LoadedService>>();

  /** What is in memory is given at once, so that requests do not wait a turn for it. */
  get(id: ServiceId): LoadedService | Promise<LoadedService> {
    return this.#loaded.get(id) ?? this.#loading.get(id) ?? this.#load(id);
  }

  #load(id: ServiceId): Promise<LoadedService> {
    const loading = registry[id].load().then(({ model }) => {
      const service = new LoadedService(id, model);
      this.#loaded.set(id, service);
      this.#loading.delete(id);
      return service;
    });
    this.#loading.set(id, loading);
    return loading;
  }
}
