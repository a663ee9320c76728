/** Where the workload is, and what its resources are called there. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/work`;

export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

export function queueUrl(name: string): string {
  return `http://127.0.0.1/${ACCOUNT}/${name}`;
}

export function queueArn(name: string): string {
  return arn('sqs', name);
}
