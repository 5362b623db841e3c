import { describe, expect, it, vi } from 'vitest';
import { HOSTED_RATES, LOCAL_RATES, MAX_LIMITED_KEYS } from '../limits.ts';
import { MAX_DEBT_SECONDS, RateLimiter, TokenBucket } from './rate-limit.ts';
import { parseRates, ratesOf } from './rates.ts';

const RATE = { perSecond: 10, burst: 5 };

describe('a rate', () => {
  it('gives its burst at once, then says when to come again, and takes nothing meanwhile', () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < RATE.burst; i++) expect(limiter.take('a', RATE, 1000)).toBe(0);
    expect(limiter.take('a', RATE, 1000)).toBe(100);
    expect(limiter.take('a', RATE, 1099)).toBe(1);
    expect(limiter.take('a', RATE, 1100)).toBe(0);
    expect(limiter.take('b', RATE, 1000)).toBe(0);
  });

  it('is kept for good by whoever keeps to it', () => {
    const limiter = new RateLimiter();
    for (let now = 0; now < 100_000; now += 100) expect(limiter.take('a', RATE, now)).toBe(0);
  });

  it('gathers no more than its burst, whatever the clock does', () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < RATE.burst; i++) limiter.take('a', RATE, 0);
    const served = (now: number) =>
      Array.from({ length: 10 }, () => limiter.take('a', RATE, now)).filter((w) => w === 0);
    expect(served(1e12)).toHaveLength(RATE.burst);
    expect(served(0)).toHaveLength(0);
  });

  it('gives back what was taken for nothing', () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < RATE.burst; i++) limiter.take('a', RATE, 0);
    limiter.giveBack('a', RATE);
    expect([limiter.take('a', RATE, 0), limiter.take('a', RATE, 0)]).toEqual([0, 100]);
  });

  it('remembers so many and no more', () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < MAX_LIMITED_KEYS; i++) limiter.take(`${i}`, { perSecond: 1, burst: 1 }, 0);
    expect(limiter.size).toBe(MAX_LIMITED_KEYS);
    expect(limiter.take('0', { perSecond: 1, burst: 1 }, 0)).toBeGreaterThan(0);
    limiter.take('one more', RATE, 0);
    expect(limiter.size).toBe(MAX_LIMITED_KEYS);
    // Who has asked since stays known.
    expect(limiter.take('0', { perSecond: 1, burst: 1 }, 0)).toBeGreaterThan(0);
    expect(limiter.take('1', { perSecond: 1, burst: 1 }, 0)).toBe(0);
  });

  it('is owed for large work, but never for more than ten seconds', () => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.take(RATE, 8);
    expect(bucket.wait(RATE, 0)).toBe(400);
    bucket.take(RATE, 1e9);
    expect(bucket.wait(RATE, 0)).toBe(10_000 + 100);
  });
});

describe('the rates that hold', () => {
  const local = { LOCAL_HTTPS_ORIGIN: 'https://localhost:8788' };

  it('are generous on one’s own machine', () => {
    expect(ratesOf({})).toBe(HOSTED_RATES);
    expect(ratesOf(local)).toBe(LOCAL_RATES);
    expect(LOCAL_RATES.creations.burst).toBeGreaterThanOrEqual(200);
    expect(LOCAL_RATES.creations.perSecond).toBeGreaterThanOrEqual(50);
  });

  it('are configuration', () => {
    const creations = { perSecond: 0.5, burst: 2 };
    expect(ratesOf({ LIMITS: JSON.stringify({ creations }) })).toEqual({ ...HOSTED_RATES, creations });
    expect(ratesOf({ ...local, LIMITS: JSON.stringify({ creations }) })).toEqual({ ...LOCAL_RATES, creations });
    const said = vi.spyOn(console, 'error').mockReturnValue();
    expect(ratesOf({ LIMITS: '{"creations":' })).toBe(HOSTED_RATES);
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });

  it.each(['{"creation":{}}', '{"creations":{"perSecond":0,"burst":1}}', '{"work":5}', '[]'])('refuse %s', (text) => {
    expect(() => parseRates(text, LOCAL_RATES)).toThrow();
  });
});

it('closes a door for a while at the most, whatever was done', () => {
  const wait = (cost: number): number => {
    const bucket = new TokenBucket(RATE, 0);
    bucket.take(RATE, RATE.burst + cost);
    return bucket.wait(RATE, 0);
  };
  const most = MAX_DEBT_SECONDS * RATE.perSecond;
  // And for one that is to be taken.
  expect(wait(most - 1)).toBe(MAX_DEBT_SECONDS * 1000);
  expect(wait(most)).toBe(MAX_DEBT_SECONDS * 1000 + 100);
  expect(wait(most + 1)).toBe(MAX_DEBT_SECONDS * 1000 + 100);
});
