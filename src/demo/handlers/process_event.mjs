// ProcessEvent: the pipe's target. It gets the transformed orders of a batch and says of each that it was processed.
// By its URL it is asked whether it is well.
export async function handler(orders) {
  if (!Array.isArray(orders)) return { statusCode: orders.rawPath === '/healthcheck' ? 200 : 404 };
  for (const order of orders) console.log(`processed ${JSON.stringify(order)}`);
  return { batchItemFailures: [] };
}
