/** The checksum by which etcd's operators compare members: over what can still be read at a revision. */
import { ETCD_ERRORS } from './errors.ts';
import type { Log } from './log.ts';

export interface HashResult {
  hash: number;
  compactRevision: number;
  hashRevision: number;
}

const PAGE = 500;
const CHANGES = `SELECT revision, sub, key, value, version, lease FROM etcd_log
  WHERE (revision, sub) > (?, ?) AND revision <= ? ORDER BY revision, sub LIMIT ${PAGE}`;
const encoder = new TextEncoder();

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function hashKV(log: Log, revision: number): HashResult {
  const until = revision > 0 ? revision : log.revision;
  if (until > log.revision) throw ETCD_ERRORS.futureRevision();
  if (until < log.compactRevision) throw ETCD_ERRORS.compacted();
  let crc = 0xffffffff;
  const add = (bytes: Uint8Array): void => {
    for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  };
  for (let [lastRevision, lastSub] = [0, -1]; ; ) {
    const rows = log.sql.exec(CHANGES, lastRevision, lastSub, until);
    for (const [at, sub, key, value, version, lease] of rows) {
      add(encoder.encode(`${at}/${sub} ${key} ${version} ${lease} `));
      if (typeof value === 'string') add(encoder.encode(value));
      else if (value instanceof Uint8Array) add(value);
      else if (value instanceof ArrayBuffer) add(new Uint8Array(value));
      lastRevision = at as number;
      lastSub = sub as number;
    }
    if (rows.length < PAGE) break;
  }
  return { hash: (crc ^ 0xffffffff) >>> 0, compactRevision: log.compactRevision, hashRevision: until };
}
