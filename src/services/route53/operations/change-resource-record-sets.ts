import type {
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
} from '../../../api/route53.ts';
import { decideBatch, type RecordSetChange } from '../../../engine/dns/change-batch.ts';
import { recordChange, requireZone } from '../entities.ts';
import { invalidChangeBatch, noSuchHealthCheck } from '../errors.ts';
import { BATCH_CHARACTERS_MAX, BATCH_VALUES_MAX, RECORD_SETS_PER_ZONE_MAX } from '../limits.ts';
import { parseChange } from '../record-sets.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function changeResourceRecordSets(
  deps: Route53Dependencies,
): Handler<ChangeResourceRecordSetsRequest, ChangeResourceRecordSetsResponse> {
  return (input, call) => {
    const zone = requireZone(deps, call, input.HostedZoneId);
    const { account } = zone.record;
    const { Changes: given, Comment: comment } = input.ChangeBatch;
    const changes = given.map(parseChange);
    requireSize(changes);
    // A batch that only deletes goes on while the disk is full.
    if (changes.some(({ action }) => action !== 'DELETE')) call.admit();
    for (const { action, set } of changes) {
      const id = action === 'DELETE' ? undefined : set.healthCheckId;
      if (id !== undefined && deps.healthChecks.find(id)?.account !== account) throw noSuchHealthCheck(id);
    }
    const decision = decideBatch(changes, { zone, findZone: (id) => deps.zones.find(account, id) });
    if ('problems' in decision) throw invalidChangeBatch(decision.problems);
    const added = decision.puts.filter((set) => !zone.has(set)).length;
    if (zone.size + added - decision.deletes.length > RECORD_SETS_PER_ZONE_MAX) {
      throw invalidChangeBatch([`Number of RRSets limit of ${RECORD_SETS_PER_ZONE_MAX} exceeded.`]);
    }
    return call.turn((turn) => {
      deps.zones.change(turn, zone, decision);
      return { ChangeInfo: recordChange(deps, turn, { account, comment }) };
    });
  };
}

function requireSize(changes: readonly RecordSetChange[]): void {
  let values = 0;
  let characters = 0;
  for (const { action, set } of changes) {
    const times = action === 'UPSERT' ? 2 : 1;
    values += times * set.values.length;
    for (const value of set.values) characters += times * value.length;
  }
  const problems: string[] = [];
  // An alias has no values, so changes are counted, too.
  if (values > BATCH_VALUES_MAX || changes.length > BATCH_VALUES_MAX) {
    problems.push(`Number of records limit of ${BATCH_VALUES_MAX} exceeded.`);
  }
  if (characters > BATCH_CHARACTERS_MAX) {
    problems.push(`Number of characters limit of ${BATCH_CHARACTERS_MAX} exceeded.`);
  }
  if (problems.length > 0) throw invalidChangeBatch(problems);
}
