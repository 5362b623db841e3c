import { expect, it } from 'vitest';
import { isAllowedWebhook, unreachable } from './webhook-call.ts';

it('allows what lies below what is allowed, and nothing beside it', () => {
  const allowed = ['https://hooks.example.org/a', 'https://hooks.example.org/of%2Fall', 'https://localhost:8443/'];
  for (const url of [
    'https://hooks.example.org/a?timeout=10s',
    'https://HOOKS.example.org:443/a/b',
    'https://hooks.example.org/of%2Fall',
    'https://hooks.example.org/of%2Fall/b',
    'https://localhost:8443/',
    'https://localhost:8443/validate?timeout=1s',
  ])
    expect([url, isAllowedWebhook(allowed, url)]).toEqual([url, true]);
  for (const url of [
    'http://hooks.example.org/a',
    'https://hooks.example.org/',
    'https://hooks.example.org/ab',
    'https://hooks.example.org/a/../b',
    'https://hooks.example.org/a/%2e%2e/b',
    'https://hooks.example.org/a/..%2fb',
    'https://hooks.example.org/a/%2E%2E%2Fb',
    'https://hooks.example.org/a/..%5cb',
    'https://hooks.example.org:8443/a',
    'https://hooks.example.org.evil.example/a',
    'https://localhost:8444/',
    'https://localhost:8443@evil.example/',
    'no url',
  ])
    expect([url, isAllowedWebhook(allowed, url)]).toEqual([url, false]);
});

it('says of a host that is not reached what Go says', () => {
  expect(unreachable('https://hooks.example.org/a?timeout=10s')).toBe(
    'dial tcp: lookup hooks.example.org: no such host',
  );
  expect(unreachable('https://192.0.2.1?timeout=10s')).toBe('dial tcp 192.0.2.1:443: connect: connection refused');
  expect(unreachable('https://[::1]:8443/a')).toBe('dial tcp [::1]:8443: connect: connection refused');
});
