/** Which region takes the events of a global endpoint: a pure decision over what is known now. */

/** One of the two regions of an endpoint. */
export interface Place {
  readonly region: string;
  /** Its process is known not to answer. */
  readonly isDown: boolean;
}

export interface RouteFacts {
  readonly primary: Place;
  readonly secondary: Place;
  /** What the health check of the primary region says. */
  readonly isHealthy: boolean;
  /** It has left its primary region and does not return by itself. */
  readonly isFailedOver: boolean;
}

export interface Route {
  readonly region: string;
  /** Where the events go when that region cannot be reached after all. */
  readonly other: string;
  readonly reason: 'healthy' | 'unhealthy' | 'failed over' | 'down';
}

/** By the health of the primary region; but a region that is known to be down takes nothing while the other can. */
export function decideRoute({ primary, secondary, isHealthy, isFailedOver }: RouteFacts): Route {
  const [wanted, other] = isHealthy && !isFailedOver ? [primary, secondary] : [secondary, primary];
  if (wanted.isDown && !other.isDown) return { region: other.region, other: wanted.region, reason: 'down' };
  const reason = isHealthy ? (isFailedOver ? 'failed over' : 'healthy') : 'unhealthy';
  return { region: wanted.region, other: other.region, reason };
}
