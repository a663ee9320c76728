/** Amazon SQS: the table of its operations. */
import type { SqsOperations } from '../../api/sqs.ts';
import type { Loop } from '../../engine/loop.ts';
import type { Queues } from '../../engine/queue/queues.ts';
import { type HandlerTable, notImplemented, type Service } from '../service.ts';
import { changeMessageVisibilityBatch } from './operations/change-message-visibility-batch.ts';
import { changeMessageVisibility } from './operations/change-message-visibility.ts';
import { createQueue } from './operations/create-queue.ts';
import { deleteMessageBatch } from './operations/delete-message-batch.ts';
import { deleteMessage } from './operations/delete-message.ts';
import { deleteQueue } from './operations/delete-queue.ts';
import { getQueueAttributes } from './operations/get-queue-attributes.ts';
import { getQueueUrl } from './operations/get-queue-url.ts';
import { listDeadLetterSourceQueues } from './operations/list-dead-letter-source-queues.ts';
import { listQueueTags } from './operations/list-queue-tags.ts';
import { listQueues } from './operations/list-queues.ts';
import { purgeQueue } from './operations/purge-queue.ts';
import { receiveMessage } from './operations/receive-message.ts';
import { sendMessageBatch } from './operations/send-message-batch.ts';
import { sendMessage } from './operations/send-message.ts';
import { setQueueAttributes } from './operations/set-queue-attributes.ts';
import { tagQueue } from './operations/tag-queue.ts';
import { untagQueue } from './operations/untag-queue.ts';

export interface SqsDependencies {
  readonly loop: Loop;
  readonly queues: Queues;
}

export function createSqsService(dependencies: SqsDependencies): Service {
  return {
    id: 'sqs',
    handlers: {
      AddPermission: notImplemented,
      CancelMessageMoveTask: notImplemented,
      ChangeMessageVisibility: changeMessageVisibility(dependencies),
      ChangeMessageVisibilityBatch: changeMessageVisibilityBatch(dependencies),
      CreateQueue: createQueue(dependencies),
      DeleteMessage: deleteMessage(dependencies),
      DeleteMessageBatch: deleteMessageBatch(dependencies),
      DeleteQueue: deleteQueue(dependencies),
      GetQueueAttributes: getQueueAttributes(dependencies),
      GetQueueUrl: getQueueUrl(dependencies),
      ListDeadLetterSourceQueues: listDeadLetterSourceQueues(dependencies),
      ListMessageMoveTasks: notImplemented,
      ListQueueTags: listQueueTags(dependencies),
      ListQueues: listQueues(dependencies),
      PurgeQueue: purgeQueue(dependencies),
      ReceiveMessage: receiveMessage(dependencies),
      RemovePermission: notImplemented,
      SendMessage: sendMessage(dependencies),
      SendMessageBatch: sendMessageBatch(dependencies),
      SetQueueAttributes: setQueueAttributes(dependencies),
      StartMessageMoveTask: notImplemented,
      TagQueue: tagQueue(dependencies),
      UntagQueue: untagQueue(dependencies),
    } satisfies HandlerTable<SqsOperations>,
  };
}
