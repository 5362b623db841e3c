/** What programs have of the network, and what the machine asks of whoever is the network: packets walk the nodes' rules there. */
import type { Bytes } from './bytes.ts';
import type { Run } from './run.ts';

/** One end of a connection; for UDP each write is a datagram, and each read gives one. */
export interface Connection {
  readonly local: { address: string; port: number };
  readonly remote: { address: string; port: number };
  /** Whether the other end speaks TLS: what is read and written is what that carries. */
  readonly isSecure: boolean;
  /** '' when the other end has closed. @throws Errno ECONNRESET, ETIMEDOUT */
  read(options?: { max?: number; timeout?: number }): Run<Bytes>;
  write(bytes: Bytes): Run;
  /** Says that no more is written; what the other end writes can still be read. */
  end(): void;
  close(): void;
}

/** What a program connects to. */
export interface ConnectTo {
  host: string;
  port: number;
  protocol?: 'TCP' | 'UDP';
  /** Milliseconds. */
  timeout?: number;
  /** What its socket is bound to before; absent: the address that the way there gives it. */
  source?: { address: string } | { device: string };
}

export interface Listener {
  readonly port: number;
  accept(): Run<Connection>;
  close(): void;
}

export interface DnsRecord {
  name: string;
  type: string;
  ttl: number;
  /** As zone files print it: an address, a name with its dot at the end, `0 100 80 name.` for SRV. */
  data: string;
}

export interface Resolution {
  /** NOERROR without answers is NODATA. `TIMEOUT`: no server answered. */
  code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'TIMEOUT';
  /** What was asked in the end, after the search list. */
  question: string;
  answers: DnsRecord[];
  authority: DnsRecord[];
  /** The server that answered, `10.96.0.10`. */
  server: string;
}
