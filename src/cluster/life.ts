/** What a cluster's object remembers of itself beside its store, and what is made for it only when it is needed. */

import type { D1Database } from '@cloudflare/workers-types';
import type { IssuedToken } from '../apiserver/identity/issued-token.ts';
import { createTokenKey, type TokenKey } from '../apiserver/identity/token-key.ts';
import { StateTooNew } from '../etcd/errors.ts';
import type { ClusterSpec } from '../platform/clusters/cluster-spec.ts';
import { NO_CLUSTER } from '../platform/copies/cluster-state.ts';
import { findCluster } from '../platform/directory/directory.ts';
import type { Clock } from '../simulation/clock.ts';
import { type ClusterAuthorities, createAuthorities } from './signatures.ts';

const KEY = 'life';

/** What is used of a Durable Object's `storage`. */
export interface LifeStorage {
  kv: { get<T>(key: string): T | undefined; put(key: string, value: unknown): void };
}

export interface Life {
  /** Of this record; absent from the first. */
  version?: number;
  epoch: string;
  spec: ClusterSpec;
  /** Made when the first service account token is. */
  tokenKey?: TokenKey;
  rootCA: string;
  /** Absent from clusters that are older than certificates. */
  authorities?: ClusterAuthorities;
  /** How its time goes, if it was changed by a version that kept it here. */
  clock?: Clock;
  /** Until when whoever makes it has it listed in the directory, milliseconds since 1970; absent once that is so. */
  listedBy?: number;
  /** The cluster's time when its beginning was marked; absent from clusters that are older than this. */
  beginning?: number;
  /** Tokens of less power that were asked for. */
  issued?: IssuedToken[];
}

const LIFE_VERSION = 1;

/** The record as this code has it. @throws StateTooNew for one that a later version has written. */
export function currentLife(life: Life): Life {
  const { version = LIFE_VERSION } = life;
  if (version > LIFE_VERSION) throw new StateTooNew("the cluster's record", version, LIFE_VERSION);
  return life;
}

/** Undefined: the object is no cluster. @throws StateTooNew */
export function storedLife(storage: LifeStorage): Life | undefined {
  const life = storage.kv.get<Life>(KEY);
  return life && currentLife(life);
}

export const storeLife = (storage: LifeStorage, life: Life): void => storage.kv.put(KEY, life);

/** Within this time whoever makes a cluster has listed it in the directory, milliseconds. */
export const LISTING_MS = 60_000;

export const listingTime = (): number => Date.now() + LISTING_MS;

export async function newLife(spec: ClusterSpec, rootCA: string): Promise<Life> {
  const authorities = await createAuthorities(spec.clock.start);
  return { version: LIFE_VERSION, epoch: crypto.randomUUID(), spec, rootCA, authorities, listedBy: listingTime() };
}

/** How what a life gets late is made. */
interface Makers {
  tokenKey(): Promise<TokenKey>;
  authorities(now: number): Promise<ClusterAuthorities>;
}

const MAKERS: Makers = { tokenKey: createTokenKey, authorities: createAuthorities };

/**
 * Keys of a life that are made late: one in a life, however many ask for it at once, and asked for again if the making failed. `keep`
 * stores the life. Its promises are for the life's own object alone.
 */
export class LateKeys {
  readonly tokenKey: () => Promise<TokenKey>;
  readonly authorities: () => Promise<ClusterAuthorities>;

  constructor(life: Life, keep: () => void, makers: Makers = MAKERS) {
    const late = <K extends keyof Makers>(key: K, make: () => Promise<NonNullable<Life[K]>>) => {
      let making: Promise<NonNullable<Life[K]>> | undefined;
      const made = async (): Promise<NonNullable<Life[K]>> => {
        try {
          const value = await make();
          life[key] = value;
          keep();
          return value;
        } finally {
          making = undefined;
        }
      };
      return async (): Promise<NonNullable<Life[K]>> => {
        const known = life[key];
        if (known) return known;
        making ??= made();
        return making;
      };
    };
    this.tokenKey = late('tokenKey', () => makers.tokenKey());
    this.authorities = late('authorities', () => makers.authorities(life.spec.clock.start));
  }
}

/** Whether it is time to ask the directory, and it does not know the cluster: its maker was gone before. Changes `life.listedBy`. */
async function isUnlisted(life: Life, db: D1Database): Promise<boolean> {
  if (life.listedBy === undefined || life.listedBy > Date.now()) return false;
  try {
    if (!(await findCluster(db, life.spec.id, Date.now()))) return true;
    delete life.listedBy;
  } catch {
    // The directory does not answer: to be asked again.
    life.listedBy = listingTime();
  }
  return false;
}

/**
 * Nobody can ever use a copy that was left unfinished, or a cluster of which its maker was gone before the directory knew it. `life`: of the
 * cluster that there is at the moment.
 */
export async function isOrphan(life: () => Life | undefined, storage: LifeStorage, db: D1Database): Promise<boolean> {
  const asked = life();
  if (!asked) return true;
  const { listedBy } = asked;
  if (await isUnlisted(asked, db)) return true;
  if (asked.listedBy !== listedBy && life()) storeLife(storage, asked);
  return false;
}

/** Why nothing can be asked of it: unless it is said, there is none. */
export const noCluster = (why: string | undefined): Error => new Error(why ?? NO_CLUSTER);
