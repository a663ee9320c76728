/**
 * Answers questions from hosted zones, as Route 53's name servers do: the sets of the name or of the wildcard that
 * covers it, chosen by routing and health; aliases taken for what they stand for; names followed inside of the zone;
 * delegations and negative answers with what goes with them. Pure: `view` is all that it knows of the world.
 *
 *   REFUSED   no zone has the name
 *   NXDOMAIN  nothing is at the name or below it
 *   NOERROR   all else, with answers or without
 */
import type { DnsQuestion, DnsRecord, DnsReply } from '../../base/dns.ts';
import type { Random } from '../../base/random.ts';
import { type Asker, chooseSets, shuffled } from './choose.ts';
import { isWithin, parentOf, parseDomainName } from './domain-name.ts';
import { identityOf, type RecordSet, type ZoneRecord } from './record-set.ts';

/** A zone, as far as an answer needs it; `zone.ts` has it. */
export interface AnsweringZone {
  readonly record: ZoneRecord;
  at(name: string): readonly RecordSet[];
  exists(name: string): boolean;
}

export interface ResolverView {
  readonly asker: Asker;
  readonly random: Random;
  /** The zone of the longest suffix of a name. */
  zoneFor(name: string): AnsweringZone | undefined;
  /** A zone of the account that an alias of it names. */
  zoneById(account: string, id: string): AnsweringZone | undefined;
  /** True as well for a check that is not known. */
  isHealthy(healthCheckId: string): boolean;
  /** The values of a name that is the platform's own, for aliases of it. Default: there are none. */
  platformValues?(name: string, type: string): readonly string[] | undefined;
}

/** Names followed in one answer, by CNAME or alias. Loops end here, too. */
const FOLLOWED_MAX = 8;
/** Of answers that come from no record set of their own. Route 53 uses it for aliases of AWS's services. */
const ALIAS_TTL_SECONDS = 60;

export function resolve(question: DnsQuestion, view: ResolverView): DnsReply {
  const zone = view.zoneFor(question.name);
  if (zone === undefined) {
    return { code: 'REFUSED', isAuthoritative: false, answers: [], authorities: [] };
  }
  return new Resolution(zone, view).answer(question);
}

/** What answers one question. */
class Resolution {
  readonly #zone: AnsweringZone;
  readonly #view: ResolverView;
  /** Whether aliases count as healthy, each found out once: aliases of aliases could else cost any time. */
  readonly #aliasHealth = new Map<string, boolean>();

  constructor(zone: AnsweringZone, view: ResolverView) {
    this.#zone = zone;
    this.#view = view;
  }

  answer({ name: asked, type }: DnsQuestion): DnsReply {
    const answers: DnsRecord[] = [];
    let name = asked;
    for (let followed = 0; followed <= FOLLOWED_MAX; followed += 1) {
      const delegation = this.#delegation(name, type);
      if (delegation !== undefined) return { ...delegation, answers };
      const sets = this.#setsAt(name);
      if (sets === undefined) return this.#negative('NXDOMAIN', answers);
      const found = this.#recordsOf(this.#zone, sets, { owner: name, type, followed });
      if (found.length > 0) return positive([...answers, ...found]);
      const [link] =
        type === 'CNAME' ? [] : this.#recordsOf(this.#zone, sets, { owner: name, type: 'CNAME', followed });
      if (link === undefined) return this.#negative('NOERROR', answers);
      answers.push(link);
      const next = parseDomainName(link.value);
      // What lies elsewhere is for the one who asks to follow.
      if (typeof next !== 'string' || this.#view.zoneFor(next) !== this.#zone) break;
      name = next;
    }
    return positive(answers);
  }

  /** The sets of a name, or of the wildcard that stands for it; undefined when there is no such name. */
  #setsAt(name: string): readonly RecordSet[] | undefined {
    if (this.#zone.exists(name)) return this.#zone.at(name);
    let encloser = parentOf(name);
    while (encloser !== undefined && !this.#zone.exists(encloser)) encloser = parentOf(encloser);
    if (encloser === undefined || !isWithin(encloser, this.#zone.record.name)) return undefined;
    const wildcard = `*.${encloser}`;
    return this.#zone.exists(wildcard) ? this.#zone.at(wildcard) : undefined;
  }

  /** The name servers of a zone below this one that the name belongs to. */
  #delegation(name: string, type: string): Omit<DnsReply, 'answers'> | undefined {
    const { name: apex } = this.#zone.record;
    let cut: RecordSet | undefined;
    for (let at: string | undefined = name; at !== undefined && at !== apex; at = parentOf(at)) {
      // The signer of a delegation is asked of the parent.
      if (at === name && type === 'DS') continue;
      cut = this.#zone.at(at).find((set) => set.type === 'NS' && set.values.length > 0) ?? cut;
    }
    if (cut === undefined) return undefined;
    const authorities = recordsFrom(cut, cut.name);
    const additionals = authorities.flatMap(({ value }) => {
      const server = parseDomainName(value);
      if (typeof server !== 'string') return [];
      const addresses = this.#zone.at(server).filter((set) => set.type === 'A' || set.type === 'AAAA');
      return addresses.flatMap((set) => recordsFrom(set, server));
    });
    return { code: 'NOERROR', isAuthoritative: false, authorities, additionals };
  }

  #negative(code: 'NOERROR' | 'NXDOMAIN', answers: readonly DnsRecord[]): DnsReply {
    const { record } = this.#zone;
    const soa = this.#zone.at(record.name).find(({ type }) => type === 'SOA');
    const authorities = soa === undefined ? [] : recordsFrom(soa, record.name).map(withNegativeTtl);
    return { code, isAuthoritative: true, answers, authorities };
  }

  /** The records that the sets of one type answer with, at the name `owner`. */
  #recordsOf(
    zone: AnsweringZone,
    sets: readonly RecordSet[],
    asked: { readonly owner: string; readonly type: string; readonly followed: number },
  ): DnsRecord[] {
    const group = sets.filter((set) => set.type === asked.type);
    if (group.length === 0) return [];
    const { asker, random } = this.#view;
    const chosen = chooseSets(group, { asker, random, isHealthy: (set) => this.#isHealthy(zone, set) });
    return chosen.flatMap((set) =>
      set.alias === undefined
        ? shuffled(recordsFrom(set, asked.owner), random)
        : this.#aliasRecords(zone, set, asked),
    );
  }

  /** Of an alias, the records of what it stands for, at the name of the alias itself. */
  #aliasRecords(
    zone: AnsweringZone,
    { alias, type }: RecordSet,
    { owner, followed }: { readonly owner: string; readonly followed: number },
  ): DnsRecord[] {
    if (alias === undefined || followed >= FOLLOWED_MAX) return [];
    const target = this.#view.zoneById(zone.record.account, alias.zoneId);
    if (target !== undefined) {
      return this.#recordsOf(target, target.at(alias.name), { owner, type, followed: followed + 1 });
    }
    const values = this.#view.platformValues?.(alias.name, type) ?? [];
    return values.map((value) => ({ name: owner, type, ttlSeconds: ALIAS_TTL_SECONDS, value }));
  }

  /** A set without a check is healthy; an alias that evaluates its target is as healthy as any of the sets there. */
  #isHealthy(zone: AnsweringZone, set: RecordSet, depth = 0): boolean {
    if (set.healthCheckId !== undefined && !this.#view.isHealthy(set.healthCheckId)) return false;
    const { alias } = set;
    if (alias === undefined || !alias.evaluatesHealth || depth >= FOLLOWED_MAX) return true;
    const id = `${zone.record.id}\u0000${identityOf(set)}`;
    const known = this.#aliasHealth.get(id);
    if (known !== undefined) return known;
    // While it is being found out it counts as healthy, which ends loops of aliases.
    this.#aliasHealth.set(id, true);
    const target = this.#view.zoneById(zone.record.account, alias.zoneId);
    const group = target?.at(alias.name).filter(({ type }) => type === set.type) ?? [];
    const isHealthy =
      target === undefined ||
      group.length === 0 ||
      group.some((other) => this.#isHealthy(target, other, depth + 1));
    this.#aliasHealth.set(id, isHealthy);
    return isHealthy;
  }
}

function positive(answers: readonly DnsRecord[]): DnsReply {
  return { code: 'NOERROR', isAuthoritative: true, answers, authorities: [] };
}

function recordsFrom(
  { type, ttlSeconds = ALIAS_TTL_SECONDS, values }: RecordSet,
  owner: string,
): DnsRecord[] {
  return values.map((value) => ({ name: owner, type, ttlSeconds, value }));
}

/** How long a negative answer is remembered: the lesser of the SOA's own TTL and its last field (RFC 2308). */
function withNegativeTtl(soa: DnsRecord): DnsRecord {
  const minimum = Number(soa.value.trim().split(/\s+/).at(-1));
  return Number.isFinite(minimum) ? { ...soa, ttlSeconds: Math.min(soa.ttlSeconds, minimum) } : soa;
}
