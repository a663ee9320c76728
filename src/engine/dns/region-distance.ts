/** How far AWS regions lie from each other: what latency routing goes by where nobody measures latencies. */

/** Latitude and longitude of the place that each region is named after, in whole degrees. */
const PLACES: Readonly<Record<string, readonly [number, number]>> = {
  'us-east-1': [39, -77],
  'us-east-2': [40, -83],
  'us-west-1': [37, -122],
  'us-west-2': [46, -120],
  'us-gov-east-1': [40, -83],
  'us-gov-west-1': [46, -120],
  'ca-central-1': [46, -73],
  'ca-west-1': [51, -114],
  'mx-central-1': [21, -100],
  'sa-east-1': [-24, -47],
  'eu-west-1': [53, -6],
  'eu-west-2': [52, 0],
  'eu-west-3': [49, 2],
  'eu-central-1': [50, 9],
  'eu-central-2': [47, 9],
  'eu-north-1': [59, 18],
  'eu-south-1': [45, 9],
  'eu-south-2': [42, -1],
  'eusc-de-east-1': [52, 14],
  'il-central-1': [32, 35],
  'me-south-1': [26, 51],
  'me-central-1': [25, 55],
  'af-south-1': [-34, 18],
  'ap-south-1': [19, 73],
  'ap-south-2': [17, 78],
  'ap-southeast-1': [1, 104],
  'ap-southeast-2': [-34, 151],
  'ap-southeast-3': [-6, 107],
  'ap-southeast-4': [-38, 145],
  'ap-southeast-5': [3, 102],
  'ap-southeast-6': [-37, 175],
  'ap-southeast-7': [14, 101],
  'ap-east-1': [22, 114],
  'ap-east-2': [25, 121],
  'ap-northeast-1': [36, 140],
  'ap-northeast-2': [37, 127],
  'ap-northeast-3': [35, 135],
  'cn-north-1': [40, 116],
  'cn-northwest-1': [38, 106],
};

const RADIANS = Math.PI / 180;

/** Grows with the distance; 0 for the same region, 2 for the other side of the earth, infinite for unknown names. */
export function regionDistance(from: string, to: string): number {
  if (from === to) return 0;
  const a = Object.hasOwn(PLACES, from) ? PLACES[from] : undefined;
  const b = Object.hasOwn(PLACES, to) ? PLACES[to] : undefined;
  if (a === undefined || b === undefined) return Number.POSITIVE_INFINITY;
  const [latitudeA, longitudeA] = [a[0] * RADIANS, a[1] * RADIANS];
  const [latitudeB, longitudeB] = [b[0] * RADIANS, b[1] * RADIANS];
  // One minus the cosine of the angle between the two, as seen from the middle of the earth.
  return (
    1 -
    Math.sin(latitudeA) * Math.sin(latitudeB) -
    Math.cos(latitudeA) * Math.cos(latitudeB) * Math.cos(longitudeA - longitudeB)
  );
}
