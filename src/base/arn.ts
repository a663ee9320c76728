/** Amazon Resource Names: `arn:partition:service:region:account:resource`, where the resource may hold colons. */

export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** Where a resource lives: the namespace of every key and the scope of every request. */
export interface Scope {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/** The parts of an ARN, or `undefined` when the text is not one. */
export function parseArn(text: string): Arn | undefined {
  const parts = text.split(':');
  const [head, partition, service, region, account] = parts;
  if (head !== 'arn' || !partition || !service || region === undefined || account === undefined)
    return undefined;
  const resource = parts.slice(5).join(':');
  return resource === '' ? undefined : { partition, service, region, account, resource };
}

export function formatArn(service: string, scope: Scope, resource: string): string {
  return `arn:aws:${service}:${scope.region}:${scope.account}:${resource}`;
}
