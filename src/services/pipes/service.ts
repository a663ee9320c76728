/** Amazon EventBridge Pipes: the table of its operations. */
import type { PipesOperations } from '../../api/pipes.ts';
import type { Pipes } from '../../engine/pipe/pipes.ts';
import type { HandlerTable, Service } from '../service.ts';
import { createPipe } from './operations/create-pipe.ts';
import { deletePipe } from './operations/delete-pipe.ts';
import { describePipe } from './operations/describe-pipe.ts';
import { listPipes } from './operations/list-pipes.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { startPipe } from './operations/start-pipe.ts';
import { stopPipe } from './operations/stop-pipe.ts';
import { tagResource } from './operations/tag-resource.ts';
import { untagResource } from './operations/untag-resource.ts';
import { updatePipe } from './operations/update-pipe.ts';

export interface PipesDependencies {
  readonly pipes: Pipes;
}

export function createPipesService(dependencies: PipesDependencies): Service {
  return {
    id: 'pipes',
    handlers: {
      CreatePipe: createPipe(dependencies),
      DeletePipe: deletePipe(dependencies),
      DescribePipe: describePipe(dependencies),
      ListPipes: listPipes(dependencies),
      ListTagsForResource: listTagsForResource(dependencies),
      StartPipe: startPipe(dependencies),
      StopPipe: stopPipe(dependencies),
      TagResource: tagResource(dependencies),
      UntagResource: untagResource(dependencies),
      UpdatePipe: updatePipe(dependencies),
    } satisfies HandlerTable<PipesOperations>,
  };
}
