import type { GetChangeRequest, GetChangeResponse } from '../../../api/route53.ts';
import { bareId, toChangeInfo } from '../entities.ts';
import { noSuchChange } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getChange(deps: Route53Dependencies): Handler<GetChangeRequest, GetChangeResponse> {
  return (input, call) => {
    const id = bareId(input.Id);
    const change = deps.zones.findChange(call.scope.account, id);
    if (change === undefined) throw noSuchChange(id);
    return { ChangeInfo: toChangeInfo(change) };
  };
}
