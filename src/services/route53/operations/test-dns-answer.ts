import type { TestDNSAnswerRequest, TestDNSAnswerResponse } from '../../../api/route53.ts';
import { isWithin, parseDomainName, toShownName } from '../../../engine/dns/domain-name.ts';
import { requireZone } from '../entities.ts';
import { invalidDomainName, nameNotInZone } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** What the name server of this region would answer. Where the resolver is said to be does not count. */
export function testDnsAnswer(
  deps: Route53Dependencies,
): Handler<TestDNSAnswerRequest, TestDNSAnswerResponse> {
  return (input, call) => {
    const zone = requireZone(deps, call, input.HostedZoneId);
    const { RecordName: text, RecordType: type } = input;
    const name = parseDomainName(text);
    if (typeof name !== 'string') throw invalidDomainName();
    if (!isWithin(name, zone.record.name)) throw nameNotInZone(text, toShownName(zone.record.name));
    const { code, answers } = deps.responder.respondFrom(zone, { name, type });
    const [nameServer = ''] = zone.record.nameServers;
    return {
      Nameserver: nameServer,
      RecordName: toShownName(name),
      RecordType: type,
      RecordData: answers
        .filter((record) => record.type === type || record.type === 'CNAME')
        .map(({ value }) => value),
      ResponseCode: code,
      Protocol: 'UDP',
    };
  };
}
