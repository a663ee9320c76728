import type { UntagResourceInput, UntagResourceOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { resourceNotFound } from '../errors.ts';
import type { StatesDependencies } from '../service.ts';
import { withoutTags } from '../../tags.ts';

export function untagResource({
  machines,
}: StatesDependencies): Handler<UntagResourceInput, UntagResourceOutput> {
  return ({ resourceArn, tagKeys }, call) => {
    const machine = machines.find(resourceArn);
    if (machine === undefined) throw resourceNotFound(resourceArn);
    const tags = withoutTags(machine.tags, tagKeys);
    call.turn((turn) => machines.update(turn, resourceArn, { tags }));
    return {};
  };
}
