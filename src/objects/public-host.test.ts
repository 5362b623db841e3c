import { describe, expect, it } from 'vitest';
import { isPublicHost } from './public-host.ts';

const hostOf = (text: string): string => new URL(`https://${text}`).hostname;

describe('a host', () => {
  it('is public by its name or its address', () => {
    for (const host of ['hooks.example.org', 'EXAMPLE.com.', '8.8.8.8', '172.32.0.1', '[2606:4700::1111]'])
      expect([host, isPublicHost(hostOf(host))]).toEqual([host, true]);
  });

  it('is not when it is of this machine or a network of its own, however it is written', () => {
    for (const host of [
      'localhost',
      'localhost.',
      'a.localhost',
      'printer',
      'nas.local',
      'metadata.google.internal',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '192.168.1.1',
      '224.0.0.1',
      '255.255.255.255',
      '[::]',
      '[::1]',
      '[fe80::1]',
      '[fd00::1]',
      '[::ffff:10.0.0.1]',
      '[64:ff9b::a00:1]',
      '[2002:a00:1::]',
      '[2001:db8::1]',
    ])
      expect([host, isPublicHost(hostOf(host))]).toEqual([host, false]);
  });
});
