/** Questions and answers of the Domain Name System as plain data: what the engine answers and the wire writes. */

export interface DnsQuestion {
  /** In lower case, without the dot at the end; empty for the root. */
  readonly name: string;
  /** `A`, `TXT`; a type without a name is `UNKNOWN_` and its number. */
  readonly type: string;
}

/** One value of a record set. */
export interface DnsRecord {
  /** Without the dot at the end. */
  readonly name: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** In the form of zone files, as Route 53 takes it: `192.0.2.1`, `10 mail.example.org.`, `"a text"`. */
  readonly value: string;
}

export interface DnsReply {
  /** `REFUSED`: this server has nothing to say of the name. */
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'REFUSED' | 'SERVFAIL';
  readonly isAuthoritative: boolean;
  readonly answers: readonly DnsRecord[];
  /** The SOA of a negative answer, whose minimum bounds how long it is remembered; the NS of a delegation. */
  readonly authorities: readonly DnsRecord[];
  /** Addresses that whoever follows a delegation will need. */
  readonly additionals?: readonly DnsRecord[];
}
