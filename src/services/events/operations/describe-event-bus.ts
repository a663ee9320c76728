import type { DescribeEventBusRequest, DescribeEventBusResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeBus, describeBusConfig } from '../describe.ts';
import { requireBus } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function describeEventBus({
  buses,
}: EventsDependencies): Handler<DescribeEventBusRequest, DescribeEventBusResponse> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.Name);
    return { ...describeBus(bus), ...describeBusConfig(bus.record) };
  };
}
