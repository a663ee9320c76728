import type { DeleteHostedZoneRequest, DeleteHostedZoneResponse } from '../../../api/route53.ts';
import { recordChange, requireZone } from '../entities.ts';
import { hostedZoneNotEmpty } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** What a zone cannot be without goes with it; all else has to be gone before. */
export function deleteHostedZone(
  deps: Route53Dependencies,
): Handler<DeleteHostedZoneRequest, DeleteHostedZoneResponse> {
  return (input, call) => {
    const zone = requireZone(deps, call, input.Id);
    const { account, name } = zone.record;
    const isRequired = (type: string): boolean => type === 'NS' || type === 'SOA';
    if (zone.sorted().some((set) => set.name !== name || !isRequired(set.type))) throw hostedZoneNotEmpty();
    return call.turn((turn) => {
      deps.zones.delete(turn, zone);
      return { ChangeInfo: recordChange(deps, turn, { account }) };
    });
  };
}
