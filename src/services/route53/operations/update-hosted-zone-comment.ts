import type {
  UpdateHostedZoneCommentRequest,
  UpdateHostedZoneCommentResponse,
} from '../../../api/route53.ts';
import { requireZone, toHostedZone } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** Without a comment, the one that was there is taken away. */
export function updateHostedZoneComment(
  deps: Route53Dependencies,
): Handler<UpdateHostedZoneCommentRequest, UpdateHostedZoneCommentResponse> {
  return (input, call) => {
    const zone = requireZone(deps, call, input.Id);
    call.admit();
    const { comment: _replaced, ...record } = zone.record;
    const { Comment: comment } = input;
    const updated = call.turn((turn) =>
      deps.zones.put(turn, comment === undefined ? record : { ...record, comment }),
    );
    return { HostedZone: toHostedZone(updated) };
  };
}
