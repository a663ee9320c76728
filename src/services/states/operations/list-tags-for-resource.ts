import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { resourceNotFound } from '../errors.ts';
import { toTags } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function listTagsForResource({
  machines,
}: StatesDependencies): Handler<ListTagsForResourceInput, ListTagsForResourceOutput> {
  return ({ resourceArn }) => {
    const machine = machines.find(resourceArn);
    if (machine === undefined) throw resourceNotFound(resourceArn);
    return { tags: toTags(machine.tags) };
  };
}
