/** What the drill calls things, and whom it kills. */
export const PRIMARY = 'us-east-1';
export const SECONDARY = 'us-west-2';
export const REGIONS = [PRIMARY, SECONDARY] as const;
export type DrillRegion = (typeof REGIONS)[number];

export const ZONE = 'orders.example';
export const API_NAME = `api.${ZONE}`;
export const ENDPOINT_NAME = 'orders-endpoint';

export const endpointHost = (endpointId: string): string => `${endpointId}.endpoint.events.amazonaws.com`;
