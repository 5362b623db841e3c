/** By which addresses a local server is reached, and that its certificate covers them. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { addressesOf, type Network } from '../../scripts/local/addresses.ts';
import { startServer } from '../../scripts/local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'diorama-addresses-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOOPBACK = ['localhost', '*.localhost', '127.0.0.1', '::1'];
const network: Network = {
  hostname: 'lab',
  interfaces: {
    lo: [
      { address: '127.0.0.1', family: 'IPv4', internal: true },
      { address: '::1', family: 'IPv6', internal: true, scopeid: 0 },
    ],
    eth0: [
      { address: '192.0.2.7', family: 'IPv4', internal: false },
      { address: 'fe80::1', family: 'IPv6', internal: false, scopeid: 2 },
      { address: '2001:db8::7', family: 'IPv6', internal: false, scopeid: 0 },
    ],
  },
};

describe('the addresses of a server', () => {
  it.each(['127.0.0.1', 'localhost', '::1'])("at %s are this machine's alone", (host) => {
    expect(addressesOf(host, network)).toEqual({ certified: LOOPBACK, reached: [], local: 'localhost' });
  });

  it('at all of IPv4 are those of its networks, and its names', () => {
    expect(addressesOf('0.0.0.0', network)).toEqual({
      certified: [...LOOPBACK, '192.0.2.7', 'lab', 'lab.local'],
      reached: ['192.0.2.7'],
      local: 'localhost',
    });
  });

  it('at all are also those of IPv6 that a URL can name', () => {
    expect(addressesOf('::', { ...network, hostname: 'lab.example' })).toEqual({
      certified: [...LOOPBACK, '192.0.2.7', '2001:db8::7', 'lab.example'],
      reached: ['192.0.2.7', '[2001:db8::7]'],
      local: 'localhost',
    });
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '[2001:db8::7]'],
    ['lab.example', 'lab.example'],
  ])('at %s alone are not those of loopback', (host, inUrl) => {
    expect(addressesOf(host, network)).toMatchObject({ certified: [...LOOPBACK, host], local: inUrl });
  });

  it('leave out a name that no certificate could hold', () => {
    expect(addressesOf('0.0.0.0', { ...network, hostname: 'my lab' }).certified).toEqual([...LOOPBACK, '192.0.2.7']);
  });
});

function presented(httpsUrl: string, ca: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port: Number(new URL(httpsUrl).port), host: '127.0.0.1', servername: 'localhost', ca },
      () => {
        resolve(new X509Certificate(socket.getPeerCertificate().raw));
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });
}

it('are all in the certificate, which is made anew at each start under the same authority', async () => {
  const stateDir = join(folder, 'state');
  const alone = await startServer({ stateDir });
  const first = await presented(alone.httpsUrl, alone.ca);
  await alone.stop();
  const open = await startServer({ stateDir, host: '0.0.0.0', bundled: true });
  const second = await presented(open.httpsUrl, open.ca);
  await open.stop();
  expect(open.ca).toBe(alone.ca);
  const { certified, reached } = addressesOf('0.0.0.0');
  for (const name of certified)
    expect(second.subjectAltName).toContain(name.includes(':') ? 'IP Address:' : `:${name}`);
  for (const address of reached)
    expect([first.checkIP(address), second.checkIP(address)]).toEqual([undefined, address]);
  expect(open.reachedAt.map(({ url }) => new URL(url).hostname)).toEqual(reached);
  expect(alone.reachedAt).toEqual([]);
});
