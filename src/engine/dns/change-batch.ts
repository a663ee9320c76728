/**
 * Decides on a batch of changes to the record sets of a zone: all of it is made, or nothing, with a message for each
 * thing that is wrong. Changes are looked at in their order (a set that the batch deletes can be made anew by it), and
 * what the sets must not be to each other is checked on what the zone would be afterwards. Pure; the texts are those of
 * recorded answers of Route 53.
 */
import { isWithin, toShownName } from './domain-name.ts';
import { recordDataProblem } from './record-data.ts';
import { identityOf, type RecordSet, type ZoneRecord } from './record-set.ts';

export interface RecordSetChange {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT';
  readonly set: RecordSet;
}

/** What the decision needs to know of the world. */
export interface BatchContext {
  readonly zone: ZoneView;
  /** The zone that an alias names; undefined for one that is not here. */
  findZone(id: string): ZoneView | undefined;
}

export interface ZoneView {
  readonly record: Pick<ZoneRecord, 'id' | 'name'>;
  get(identity: string): RecordSet | undefined;
  at(name: string): readonly RecordSet[];
}

export type BatchDecision =
  | { readonly problems: readonly string[] }
  | { readonly puts: readonly RecordSet[]; readonly deletes: readonly RecordSet[] };

/** Values of one record set. Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html */
const VALUES_MAX = 400;

export function decideBatch(changes: readonly RecordSetChange[], context: BatchContext): BatchDecision {
  const draft = new Draft(context.zone);
  const problems: string[] = [];
  for (const change of changes) problems.push(...changeProblems(change, draft));
  if (problems.length === 0) {
    for (const name of draft.changedNames()) problems.push(...nameProblems(name, draft));
    for (const set of draft.puts()) problems.push(...aliasProblems(set, draft, context));
  }
  return problems.length > 0 ? { problems } : { puts: draft.puts(), deletes: draft.deletes() };
}

/** A zone as it will be. */
class Draft {
  readonly zone: ZoneView;
  /** By identity; undefined deletes. */
  readonly #changed = new Map<string, RecordSet | undefined>();
  readonly #changedAt = new Map<string, Set<string>>();

  constructor(zone: ZoneView) {
    this.zone = zone;
  }

  get(identity: string): RecordSet | undefined {
    return this.#changed.has(identity) ? this.#changed.get(identity) : this.zone.get(identity);
  }

  set(identity: string, name: string, set: RecordSet | undefined): void {
    this.#changed.set(identity, set);
    let identities = this.#changedAt.get(name);
    if (identities === undefined) this.#changedAt.set(name, (identities = new Set()));
    identities.add(identity);
  }

  at(name: string): readonly RecordSet[] {
    const changed = this.#changedAt.get(name) ?? new Set();
    const kept = this.zone.at(name).filter((set) => !changed.has(identityOf(set)));
    return [...kept, ...[...changed].flatMap((identity) => this.#changed.get(identity) ?? [])];
  }

  changedNames(): Iterable<string> {
    return this.#changedAt.keys();
  }

  isChanged(set: RecordSet): boolean {
    return this.#changed.has(identityOf(set));
  }

  puts(): RecordSet[] {
    return [...this.#changed.values()].filter((set) => set !== undefined);
  }

  deletes(): RecordSet[] {
    const gone = [...this.#changed].filter(([, set]) => set === undefined);
    return gone.flatMap(([identity]) => this.zone.get(identity) ?? []);
  }
}

function changeProblems({ action, set }: RecordSetChange, draft: Draft): string[] {
  const identity = identityOf(set);
  const existing = draft.get(identity);
  const shown = shownSet(set);
  if (action === 'DELETE') {
    if (existing === undefined) return [`Tried to delete resource record set ${shown} but it was not found`];
    if (!isSame(existing, set)) {
      return [
        `Tried to delete resource record set ${shown} but the values provided do not match the current values`,
      ];
    }
    draft.set(identity, set.name, undefined);
    return [];
  }
  const problems = setProblems(set, draft.zone.record.name);
  if (action === 'CREATE' && existing !== undefined) {
    problems.push(`Tried to create resource record set ${shown} but it already exists`);
  }
  draft.set(identity, set.name, set);
  return problems;
}

/** What is wrong with a record set by itself. */
function setProblems({ name, type, values }: RecordSet, zoneName: string): string[] {
  const problems: string[] = [];
  if (!isWithin(name, zoneName)) {
    problems.push(
      `RRSet with DNS name ${toShownName(name)} is not permitted in zone ${toShownName(zoneName)}`,
    );
  }
  if (values.length > VALUES_MAX) problems.push(`Cannot have more than ${VALUES_MAX} records in a RRSet.`);
  const seen = new Set<string>();
  for (const value of values) {
    const problem = recordDataProblem(type, value);
    if (problem !== undefined) {
      problems.push(`Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`);
    }
    if (seen.has(value)) problems.push(`Duplicate Resource Record: '${value}'`);
    seen.add(value);
  }
  if ((type === 'CNAME' || type === 'SOA') && values.length > 1) {
    problems.push(
      `RRSet with DNS name ${toShownName(name)}, type ${type} contains more than one resource record.`,
    );
  }
  return problems;
}

/** What the record sets of one name must not be to each other. */
function nameProblems(name: string, draft: Draft): string[] {
  const sets = draft.at(name);
  const problems = [...cnameProblems(name, sets, draft), ...apexProblems(name, sets, draft)];
  for (const group of Map.groupBy(sets, ({ type }) => type).values()) {
    problems.push(...groupProblems(group, draft));
  }
  return problems;
}

function cnameProblems(name: string, sets: readonly RecordSet[], draft: Draft): string[] {
  const zoneName = toShownName(draft.zone.record.name);
  const shown = toShownName(name);
  const names = sets.filter(({ type }) => type === 'CNAME');
  const others = sets.filter(({ type }) => type !== 'CNAME');
  if (names.length === 0) return [];
  if (name === draft.zone.record.name) {
    return [`RRSet of type CNAME with DNS name ${shown} is not permitted at apex in zone ${zoneName}`];
  }
  if (others.length === 0) return [];
  if (names.some((set) => draft.isChanged(set))) {
    return [
      `RRSet of type CNAME with DNS name ${shown} is not permitted as it conflicts with other records with the same DNS name in zone ${zoneName}`,
    ];
  }
  return others
    .filter((set) => draft.isChanged(set))
    .map(
      ({ type }) =>
        `RRSet of type ${type} with DNS name ${shown} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zoneName}`,
    );
}

function apexProblems(name: string, sets: readonly RecordSet[], draft: Draft): string[] {
  const isApex = name === draft.zone.record.name;
  const hasSoa = sets.some(({ type }) => type === 'SOA');
  if (!isApex) {
    return hasSoa
      ? [`RRSet of type SOA with DNS name ${toShownName(name)} is only permitted at the apex of a zone`]
      : [];
  }
  const problems: string[] = [];
  if (!hasSoa) problems.push('A HostedZone must contain exactly one SOA record.');
  if (!sets.some(({ type }) => type === 'NS')) {
    problems.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  return problems;
}

const NON_KINDS: Readonly<Record<Exclude<RecordSet['routing']['kind'], 'simple'>, string>> = {
  weighted: 'as a non-weighted set exists with the same name and type.',
  latency: 'as a non-latency set exists with the same name and type.',
  failover: 'as a non-failover set exists with the same name and type.',
  geolocation: 'as a non-geolocation set exists with the same name and type.',
  multivalue: 'because a non multivalue answer rrset exists with the same name and type.',
};

/** Record sets of the same name and type are told apart in one way, and each is alone with what it is chosen by. */
function groupProblems(group: readonly RecordSet[], draft: Draft): string[] {
  const problems: string[] = [];
  for (const set of group) {
    const { routing } = set;
    if (group.length === 1 || !draft.isChanged(set)) continue;
    const shown = `RRSet with DNS name ${toShownName(set.name)}, type ${set.type}`;
    if (routing.kind === 'simple') {
      problems.push(`${shown} cannot be created as other RRSets exist with the same name and type.`);
    } else if (group.some((other) => other.routing.kind !== routing.kind)) {
      problems.push(
        `${shown}, SetIdentifier ${set.setIdentifier} cannot be created ${NON_KINDS[routing.kind]}`,
      );
    } else {
      const twin = group.find((other) => other !== set && choiceOf(other) === choiceOf(set));
      const chosenBy = choiceOf(set);
      // Of two new ones that are alike, the second is the one too many.
      const isSecond =
        twin !== undefined && (!draft.isChanged(twin) || group.indexOf(twin) < group.indexOf(set));
      if (chosenBy !== undefined && isSecond) {
        problems.push(`${shown}, SetIdentifier ${set.setIdentifier}, and ${chosenBy}`);
      }
    }
  }
  return problems;
}

/** What no two sets of a group may have in common, and the rest of the message about it. */
function choiceOf({ routing }: RecordSet): string | undefined {
  switch (routing.kind) {
    case 'latency':
      return `Region Name=${routing.region} cannot be created because a latency RRSet with the same name, type and region already exists.`;
    case 'failover':
      return `Failover=${routing.role} cannot be created because a failover RRSet with the same name, type and failover already exists.`;
    case 'geolocation': {
      const { continent, country, subdivision } = routing.location;
      const shown = `ContinentCode=${continent ?? null}, CountryCode=${country ?? null}, SubdivisionCode=${subdivision ?? null}`;
      return `GeoLocation [${shown}] cannot be created because a geolocation RRSet with the same name, type and location already exists.`;
    }
    default:
      return undefined;
  }
}

/** Names of AWS's own services, whose zones are never here: `my-lb-1.us-east-1.elb.amazonaws.com`. */
const AWS_SUFFIXES = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'cloudfront.net',
  'awsglobalaccelerator.com',
  'elasticbeanstalk.com',
];

function isAwsName(name: string): boolean {
  return AWS_SUFFIXES.some((suffix) => isWithin(name, suffix));
}

function aliasProblems({ alias, type }: RecordSet, draft: Draft, context: BatchContext): string[] {
  if (alias === undefined) return [];
  const isOwn = alias.zoneId === draft.zone.record.id;
  const target = isOwn ? draft.zone : context.findZone(alias.zoneId);
  // An alias of something of AWS's is kept as it is: a DNS answer has nothing to say of it.
  if (target === undefined && isAwsName(alias.name)) return [];
  const tried = `Tried to create an alias that targets ${toShownName(alias.name)}, type ${type} in zone ${alias.zoneId}`;
  const notFound = `${tried}, but that target was not found`;
  if (target === undefined || !isWithin(alias.name, target.record.name)) {
    return [`${tried}, but the alias target name does not lie within the target zone`, notFound];
  }
  const sets = isOwn ? draft.at(alias.name) : target.at(alias.name);
  return sets.some((set) => set.type === type) ? [] : [notFound];
}

function shownSet({ name, type, setIdentifier }: RecordSet): string {
  const identifier = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`;
  return `[name='${toShownName(name)}', type='${type}'${identifier}]`;
}

/** Whether a set that is to be deleted is described as it is. The order of its values does not count. */
function isSame(existing: RecordSet, given: RecordSet): boolean {
  const comparable = ({ ttlSeconds, values, alias, routing, healthCheckId }: RecordSet): string =>
    JSON.stringify([
      ttlSeconds,
      values.toSorted(),
      alias && [alias.zoneId, alias.name, alias.evaluatesHealth],
      routing,
      healthCheckId,
    ]);
  return comparable(existing) === comparable(given);
}
