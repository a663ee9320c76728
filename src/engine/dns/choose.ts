/**
 * Which of the record sets of a name and type answer a question, by their routing and their health. Pure: health and
 * randomness are arguments.
 *
 * Unhealthy sets are passed over while any healthy one is left; when none is, all count as healthy again, since an
 * answer that may be wrong is better than none. Source:
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
 */
import { type Random, randomBelow } from '../../base/random.ts';
import type { Location, RecordSet } from './record-set.ts';
import { regionDistance } from './region-distance.ts';

export interface Asker {
  /** The region whose DNS server is asked: latency is taken from there. */
  readonly region: string;
  /** Where whoever asks is. Nobody knows that of a loopback address: then only default records match. */
  readonly location?: Location;
}

export interface ChoiceContext {
  readonly asker: Asker;
  readonly random: Random;
  isHealthy(set: RecordSet): boolean;
}

/** Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-multivalue.html */
const MULTIVALUE_ANSWERS_MAX = 8;

/** The record sets to answer with; none when none is for who asks. `group` is not empty and of one kind. */
export function chooseSets(group: readonly RecordSet[], context: ChoiceContext): readonly RecordSet[] {
  const kind = group[0]?.routing.kind ?? 'simple';
  switch (kind) {
    case 'simple':
      return group.slice(0, 1);
    case 'weighted':
      return one(chooseWeighted(group, context));
    case 'latency':
      return one(nearest(healthyOrAll(group, context), context.asker.region));
    case 'failover':
      return one(chooseFailover(group, context));
    case 'geolocation':
      return one(chooseLocation(group, context));
    case 'multivalue':
      return shuffled(healthyOrAll(group, context), context.random).slice(0, MULTIVALUE_ANSWERS_MAX);
  }
}

function one(set: RecordSet | undefined): readonly RecordSet[] {
  return set === undefined ? [] : [set];
}

function healthyOrAll(group: readonly RecordSet[], context: ChoiceContext): readonly RecordSet[] {
  const healthy = group.filter((set) => context.isHealthy(set));
  return healthy.length > 0 ? healthy : group;
}

/** A healthy primary; else a healthy secondary; else the primary, healthy or not. */
function chooseFailover(group: readonly RecordSet[], context: ChoiceContext): RecordSet | undefined {
  const find = (role: string): RecordSet | undefined =>
    group.find(({ routing }) => routing.kind === 'failover' && routing.role === role);
  const [primary, secondary] = [find('PRIMARY'), find('SECONDARY')];
  if (primary === undefined || secondary === undefined) return primary ?? secondary;
  return !context.isHealthy(primary) && context.isHealthy(secondary) ? secondary : primary;
}

function weightOf({ routing }: RecordSet): number {
  return routing.kind === 'weighted' ? routing.weight : 0;
}

/** Sets of weight 0 count only when no other is healthy, and then all alike. */
function chooseWeighted(group: readonly RecordSet[], context: ChoiceContext): RecordSet | undefined {
  const healthy = healthyOrAll(group, context);
  const weighted = healthy.filter((set) => weightOf(set) > 0);
  if (weighted.length === 0) return healthy[randomBelow(context.random, healthy.length)];
  const total = weighted.reduce((sum, set) => sum + weightOf(set), 0);
  let left = randomBelow(context.random, total);
  return weighted.find((set) => {
    left -= weightOf(set);
    return left < 0;
  });
}

function nearest(group: readonly RecordSet[], from: string): RecordSet | undefined {
  const distanceOf = ({ routing }: RecordSet): number =>
    routing.kind === 'latency' ? regionDistance(from, routing.region) : Number.POSITIVE_INFINITY;
  const [first, ...others] = group;
  return others.reduce((best, set) => (best && distanceOf(set) < distanceOf(best) ? set : best), first);
}

/** The smallest place that holds who asks and has a healthy set, up to the default; else the smallest of all. */
function chooseLocation(group: readonly RecordSet[], context: ChoiceContext): RecordSet | undefined {
  const { location = {} } = context.asker;
  const matching = group
    .map((set) => ({ set, rank: locationRank(set, location) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ set }) => set);
  return matching.find((set) => context.isHealthy(set)) ?? matching[0];
}

/** 0 for a set that is for somewhere else; the smaller its place, the higher. */
function locationRank({ routing }: RecordSet, asked: Location): number {
  if (routing.kind !== 'geolocation') return 0;
  const { continent, country, subdivision } = routing.location;
  if (country === '*') return 1;
  if (continent !== undefined) return continent === asked.continent ? 2 : 0;
  if (country !== asked.country) return 0;
  if (subdivision === undefined) return 3;
  return subdivision === asked.subdivision ? 4 : 0;
}

/** In an order of chance. */
export function shuffled<Thing>(things: readonly Thing[], random: Random): Thing[] {
  const result = [...things];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = randomBelow(random, last + 1);
    [result[last], result[other]] = [result[other] as Thing, result[last] as Thing];
  }
  return result;
}
