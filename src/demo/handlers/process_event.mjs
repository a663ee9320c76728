// ProcessEvent: the pipe's target. It gets the transformed orders of a batch and says of each that it was processed.
export async function handler(orders) {
  for (const order of orders) console.log(`processed ${JSON.stringify(order)}`);
  return { batchItemFailures: [] };
}
