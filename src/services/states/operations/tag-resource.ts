import type { TagResourceInput, TagResourceOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { resourceNotFound } from '../errors.ts';
import { applyTags } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function tagResource({ machines }: StatesDependencies): Handler<TagResourceInput, TagResourceOutput> {
  return ({ resourceArn, tags: added }, call) => {
    const machine = machines.find(resourceArn);
    if (machine === undefined) throw resourceNotFound(resourceArn);
    const tags = applyTags(resourceArn, machine.tags, added);
    call.turn((turn) => machines.update(turn, resourceArn, { tags }));
    return {};
  };
}
