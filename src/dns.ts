/** The Domain Name System of a region put together: zones, checks and their checkers, and what answers questions. */
import type { Clock } from './base/clock.ts';
import type { DnsQuestion, DnsReply } from './base/dns.ts';
import type { Logger } from './base/log.ts';
import type { Random } from './base/random.ts';
import { reportDns } from './dns-report.ts';
import { HealthChecks } from './engine/dns/health-checks.ts';
import { Responder } from './engine/dns/responder.ts';
import { Zones } from './engine/dns/zones.ts';
import { Checkers } from './engine/health/checkers.ts';
import { probe } from './engine/health/probe.ts';
import type { Loop } from './engine/loop.ts';
import {
  answerPlatformName,
  type PlatformNamesOptions,
  resolvePlatformName,
} from './engine/region/platform-names.ts';
import type { Installation, ReplicatedRecords } from './engine/region/ports.ts';
import type { Route53Dependencies } from './services/route53/service.ts';

export interface DnsOptions {
  readonly loop: Loop;
  readonly records: ReplicatedRecords;
  readonly installation: Installation;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The region that takes the events of a global endpoint now. */
  readonly endpointRegion: PlatformNamesOptions['endpointRegion'];
}

export interface RegionDns extends Route53Dependencies {
  readonly health: Checkers;
  /** What the DNS server of this region answers. */
  respond(question: DnsQuestion): DnsReply;
  close(): void;
}

/** Recovers zones and checks; the checkers begin to look a moment later. */
export function openDns(options: DnsOptions): RegionDns {
  const { loop, records, installation, clock, random, log, endpointRegion } = options;
  const zones = new Zones({ loop, records });
  const healthChecks = new HealthChecks({ loop, records });
  zones.start();
  healthChecks.start();
  const names = (): PlatformNamesOptions => ({
    own: installation.own,
    peers: installation.peers,
    endpointRegion,
  });
  const resolveOwn = (name: string): string | undefined => resolvePlatformName(name, names());
  const health = new Checkers({
    source: healthChecks,
    installation,
    probe: (check) => probe(check, { clock, resolveOwn }),
    clock,
    random,
    log,
  });
  health.start();
  const platformValues = (name: string, type: string): string[] =>
    answerPlatformName({ name, type }, names()).answers.map(({ value }) => value);
  const { region } = installation.own;
  const responder = new Responder({ zones, health, region, random, platformValues });
  reportDns({ installation, zones, healthChecks, health, responder });
  return {
    zones,
    healthChecks,
    health,
    responder,
    respond: (question) => {
      // What an account has in its zones comes first: a zone may be made for any name.
      const reply = responder.respond(question);
      return reply.code === 'REFUSED' ? answerPlatformName(question, names()) : reply;
    },
    close: () => health.close(),
  };
}
