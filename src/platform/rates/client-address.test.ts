import { expect, it } from 'vitest';
import { clientAddress } from './client-address.ts';

const local = { LOCAL_HTTPS_ORIGIN: 'https://localhost:8788' };
const request = (headers: Record<string, string>, clientIp?: string): Request =>
  new Request('http://diorama.test', { headers, cf: (clientIp ? { clientIp } : {}) as CfProperties });

it('is what Cloudflare says, and there no other header', () => {
  expect(clientAddress(request({ 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '1.1.1.1' }), {})).toBe(
    '192.0.2.1',
  );
  expect(clientAddress(request({ 'x-forwarded-for': '1.1.1.1' }), {})).toBeUndefined();
});

it('is locally the peer, whatever headers say, unless a proxy is trusted', () => {
  const headers = { 'cf-connecting-ip': '9.9.9.9', 'x-forwarded-for': '8.8.8.8, 192.0.2.7' };
  expect(clientAddress(request(headers, '127.0.0.1:47316'), local)).toBe('127.0.0.1');
  expect(clientAddress(request(headers, '[::ffff:127.0.0.1]:34906'), local)).toBe('127.0.0.1');
  expect(clientAddress(request(headers, '127.0.0.1:1'), { ...local, TRUST_FORWARDED_FOR: 'true' })).toBe('192.0.2.7');
  expect(clientAddress(request({}, '127.0.0.1:1'), { ...local, TRUST_FORWARDED_FOR: 'true' })).toBe('127.0.0.1');
});

it('is one for all of an IPv6 network', () => {
  const of = (ip: string) => clientAddress(request({ 'cf-connecting-ip': ip }), {});
  expect(of('2001:db8:1:2::1')).toBe(of('2001:db8:1:2:ffff::5'));
  expect(of('2001:db8:1:2::1')).not.toBe(of('2001:db8:1:3::1'));
  expect(clientAddress(request({}, '[2001:db8:1:2::1]:80'), local)).toBe(of('2001:db8:1:2::1'));
});
