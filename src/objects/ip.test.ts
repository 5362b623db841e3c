import { describe, expect, it } from 'vitest';
import { formatCIDR, formatIP, parseCIDR, parseIP, validateCIDR, validateIP } from './ip.ts';

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['FE80:0:0:0:0:0:0:0abc', 'fe80::abc'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['::', '::'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
  ])('%s is %s', (text, canonical) => {
    const address = parseIP(text);
    expect(address && formatIP(address.family, address.value)).toBe(canonical);
  });
  it('knows what is no address', () => {
    for (const text of ['', '1.2.3', '1.2.3.256', '::1::', '1:2:3:4:5:6:7:8:9', 'x'])
      expect(parseIP(text)).toBe(undefined);
  });
  it('says why one is refused', () => {
    expect(validateIP('spec.ip', '010.0.0.1')[0]?.message).toBe('Invalid value: "010.0.0.1": must not have leading 0s');
    expect(validateCIDR('spec.cidr', '10.0.0.1/24')[0]?.message).toContain(
      'must not have bits set beyond the prefix length',
    );
  });
  it('masks prefixes', () => {
    const prefix = parseCIDR('10.1.2.3/12');
    expect(prefix && formatCIDR(prefix)).toBe('10.0.0.0/12');
  });
});
