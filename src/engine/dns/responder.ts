/** What answers DNS questions in one region, over its own zones and its own view of health. */
import type { DnsQuestion, DnsReply } from '../../base/dns.ts';
import type { Random } from '../../base/random.ts';
import type { HealthView } from './health-check-record.ts';
import type { AnsweringZone } from './resolve.ts';
import { resolve, type ResolverView } from './resolve.ts';
import type { Zones } from './zones.ts';

export interface ResponderOptions {
  readonly zones: Zones;
  readonly health: HealthView;
  /** The region that answers. */
  readonly region: string;
  readonly random: Random;
  /** The values of names that are the platform's own, for aliases of them. Default: there are none. */
  readonly platformValues?: ResolverView['platformValues'];
}

export class Responder {
  readonly #options: ResponderOptions;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** For names that lie in no zone the code is `REFUSED`. */
  respond(question: DnsQuestion): DnsReply {
    return resolve(
      question,
      this.#view((name) => this.#options.zones.zoneFor(name)),
    );
  }

  /** As if `zone` were the only one, as TestDNSAnswer asks. The name must lie in it. */
  respondFrom(zone: AnsweringZone, question: DnsQuestion): DnsReply {
    return resolve(
      question,
      this.#view(() => zone),
    );
  }

  #view(zoneFor: ResolverView['zoneFor']): ResolverView {
    const { zones, health, region, random, platformValues } = this.#options;
    return {
      asker: { region },
      random,
      zoneFor,
      zoneById: (account, id) => zones.find(account, id),
      isHealthy: (id) => health.isHealthy(id),
      ...(platformValues === undefined ? {} : { platformValues }),
    };
  }
}
