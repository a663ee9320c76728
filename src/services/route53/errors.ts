/**
 * The errors of Route 53, in its words where answers were recorded: the texts of batches (in `change-batch.ts`), of
 * requests that lack something, of references that are taken, of zones that are not empty, and those about TCP checks
 * and metric regions. The model has no texts; the others say the same in the same manner.
 */
import { AwsError } from '../../base/errors.ts';
import { HEALTH_CHECKS_MAX, HOSTED_ZONES_MAX, TAGS_MAX } from './limits.ts';

const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message);

export const invalidRequest = (message: string): AwsError =>
  new AwsError('InvalidInput', `Invalid request: ${message}`);

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidInput', `Invalid parameter : ${message}`);

export const tcpWithDomainName = (): AwsError =>
  invalidInput(
    'TCP health checks that have IP address must not have a fully qualified domain name specified.',
  );

export const invalidHostName = (): AwsError =>
  invalidParameter(
    'Invalid fully qualified domain name: It may not contain reserved characters of RFC1738 Section 2.2',
  );

export const typeWithoutName = (): AwsError =>
  invalidInput('StartRecordName must be given with StartRecordType.');

export const identifierWithoutType = (): AwsError =>
  invalidInput('StartRecordType must be given with StartRecordIdentifier.');

export const invalidMaxItems = (): AwsError => invalidInput('MaxItems must be a whole number above zero.');

export const invalidInterval = (min: number, max: number): AwsError =>
  new AwsError('InvalidInput', `The interval of a health check is from ${min} to ${max} milliseconds.`);

export const tooManyTags = (): AwsError =>
  new AwsError('InvalidInput', `A resource can have ${TAGS_MAX} tags at most.`);

export const tagWithoutKey = (): AwsError => invalidInput('A tag must have a key.');

export const nameNotInZone = (name: string, zone: string): AwsError =>
  new AwsError('InvalidInput', `The name ${name} is not in zone ${zone}`);

export const invalidChangeBatch = (messages: readonly string[]): AwsError =>
  new AwsError('InvalidChangeBatch', `[${messages.join(', ')}]`, { members: { messages } });

export const invalidDomainName = (): AwsError =>
  new AwsError('InvalidDomainName', 'The domain name is invalid');

export const noSuchHostedZone = (id: string): AwsError =>
  new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, { httpStatus: 404 });

export const hostedZoneExists = (): AwsError =>
  new AwsError(
    'HostedZoneAlreadyExists',
    'A hosted zone has already been created with the specified caller reference.',
    { httpStatus: 409 },
  );

export const hostedZoneNotEmpty = (): AwsError =>
  new AwsError(
    'HostedZoneNotEmpty',
    'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
  );

export const hostedZoneNotPrivate = (id: string): AwsError =>
  new AwsError('HostedZoneNotPrivate', `The hosted zone ${id} is not a private hosted zone.`);

export const tooManyHostedZones = (): AwsError =>
  new AwsError(
    'TooManyHostedZones',
    `Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than ${HOSTED_ZONES_MAX} hosted zones.`,
  );

export const noSuchDelegationSet = (id: string): AwsError =>
  new AwsError('NoSuchDelegationSet', `No delegation set found with ID: ${id}`);

export const noSuchChange = (id: string): AwsError =>
  new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, { httpStatus: 404 });

export const noSuchGeoLocation = (): AwsError =>
  new AwsError('NoSuchGeoLocation', 'The geolocation that you are trying to get is not supported.', {
    httpStatus: 404,
  });

export const noSuchHealthCheck = (id: string): AwsError =>
  new AwsError('NoSuchHealthCheck', `A health check with id ${id} does not exist.`, { httpStatus: 404 });

export const healthCheckExists = (): AwsError =>
  new AwsError(
    'HealthCheckAlreadyExists',
    'A different health check has already been created with the specified caller reference.',
    { httpStatus: 409 },
  );

export const healthCheckVersionMismatch = (): AwsError =>
  new AwsError(
    'HealthCheckVersionMismatch',
    'The value of HealthCheckVersion in the request does not match that of the health check.',
    { httpStatus: 409 },
  );

export const tooManyHealthChecks = (): AwsError =>
  new AwsError(
    'TooManyHealthChecks',
    `Limits Exceeded: MAX_HEALTH_CHECKS_BY_OWNER - Cannot create more than ${HEALTH_CHECKS_MAX} health checks.`,
  );
