// The three tasks of OrderProcessingStateMachine. Each takes what the one before gave and adds its part.
const IN_STOCK_UP_TO = 4800;

export async function processOrder(event) {
  const { orderId, orderAmount, customerId } = event.detail;
  return { orderId, orderAmount, customerId, processed: true };
}

export async function checkInventory(order) {
  if (!(order.orderAmount <= IN_STOCK_UP_TO)) {
    const error = new Error(`no stock for order ${order.orderId}`);
    error.name = 'OutOfStock';
    throw error;
  }
  return { ...order, reserved: true };
}

export async function shipOrder(order) {
  return { ...order, shipped: true };
}
