import type { LookupAllOptions, lookup } from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createSocketServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webhookCaller } from '../../scripts/local/webhook-caller.ts';
import { HeldBytes, LIGHT_BYTES } from '../../src/simulation/held-bytes.ts';
import { type HookServer, newAuthority, startHookServer } from './hook-server.ts';

const ANSWER_BYTES = 1_000_000;
const { call, close } = webhookCaller('any');
let server: HookServer;

beforeAll(async () => {
  server = await startHookServer((body) => ({ body: { echo: body } }));
});

afterAll(async () => {
  close();
  await server.close();
});

const asked = (over: object = {}) => ({
  url: `${server.url}/validate?timeout=10s`,
  caBundle: server.caBundle,
  body: '{"a":"ü"}',
  timeoutSeconds: 10,
  maxAnswerBytes: ANSWER_BYTES,
  ...over,
});

describe('a call', () => {
  it('comes to a webhook whose certificate the bundle vouches for, and its answer back', async () => {
    server.answer((body) => ({ body: { echo: body }, status: 202 }));
    expect(await call(asked())).toEqual({ status: 202, contentType: 'application/json', body: '{"echo":{"a":"ü"}}' });
    const { path, query, headers } = server.asked.at(-1)!;
    expect([path, query]).toEqual(['/validate', 'timeout=10s']);
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json, */*' });
  });

  it('says in Go’s words why it got nowhere', async () => {
    const verify = 'tls: failed to verify certificate: x509: ';
    const other = Buffer.from((await newAuthority()).certificate).toString('base64');
    for (const caBundle of [undefined, other])
      expect(await call(asked({ caBundle }))).toEqual({ error: `${verify}certificate signed by unknown authority` });
    const named = await startHookServer(() => ({ body: {} }), { hosts: ['hooks.example.org'] });
    expect(await call(asked({ url: named.url, caBundle: named.caBundle }))).toEqual({
      error: `${verify}cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
    });
    const { port } = named;
    expect(await call(asked({ url: `https://localhost:${port}`, caBundle: named.caBundle }))).toEqual({
      error: `${verify}certificate is valid for hooks.example.org, not localhost`,
    });
    await named.close();
    expect(await call(asked({ url: `https://127.0.0.1:${port}/` }))).toEqual({
      error: `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
    expect(await call(asked({ url: 'https://nowhere.invalid/' }))).toEqual({
      error: 'dial tcp: lookup nowhere.invalid: no such host',
    });
  });

  it('is not taken by a server without TLS, or one that hangs up', async () => {
    const plain = createServer((_, response) => void response.end('{}'));
    const silent = createSocketServer((socket) => void socket.destroy());
    for (const server of [plain, silent])
      await new Promise<void>((fulfil) => void server.listen(0, '127.0.0.1', fulfil));
    const at = (server: { address(): unknown }): string =>
      `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await call(asked({ url: at(plain) }))).toEqual({ error: 'http: server gave HTTP response to HTTPS client' });
    expect(await call(asked({ url: at(silent) }))).toEqual({ error: 'EOF' });
    plain.close();
    silent.close();
  });

  it('waits no longer than it says, for an answer or for the rest of one', async () => {
    server.answer(() => undefined);
    const began = Date.now();
    expect(await call(asked({ timeoutSeconds: 1 }))).toEqual({ error: 'context deadline exceeded' });
    expect(Date.now() - began).toBeGreaterThan(900);
    expect(Date.now() - began).toBeLessThan(5000);
  });

  it('reads an answer of so many bytes, and none that is longer', async () => {
    const least = JSON.stringify('').length;
    server.answer(() => ({ body: JSON.stringify('x'.repeat(ANSWER_BYTES - least)) }));
    expect((await call(asked())) as object).toMatchObject({ status: 200 });
    server.answer(() => ({ body: JSON.stringify('x'.repeat(ANSWER_BYTES - least + 1)) }));
    expect(await call(asked())).toEqual({ unread: `the answer is longer than ${ANSWER_BYTES} bytes` });
  });

  it('counts what it reads where that is bounded, and leaves off where there is no room', async () => {
    const pool = new HeldBytes(8 * LIGHT_BYTES);
    let time = 0;
    // Each look at the clock is a second later, so that nobody waits for long.
    const holding = pool.open('hooks', () => (time += 1000));
    server.answer(() => ({ body: 'x'.repeat(2 * LIGHT_BYTES) }));
    expect((await call(asked(), holding)) as object).toMatchObject({ status: 200 });
    expect(pool.total).toBe(2 * LIGHT_BYTES);
    holding.give();
    pool.open('others', () => 0, Number.POSITIVE_INFINITY).hold(8 * LIGHT_BYTES);
    expect(await call(asked(), holding)).toEqual({ busy: 1 });
  });

  it('goes to no private address where others use the server, under whatever name', async () => {
    const careful = webhookCaller('public');
    const { port } = server;
    const before = server.asked.length;
    expect(await careful.call(asked())).toEqual({ error: `dial tcp 127.0.0.1:${port}: connect: connection refused` });
    expect(await careful.call(asked({ url: `https://localhost:${port}/` }))).toEqual({
      error: 'dial tcp: lookup localhost: no such host',
    });
    expect(server.asked.length).toBe(before);
    careful.close();
  });

  it('goes to a private address that is named as one, and to none by a name that may be anybody’s', async () => {
    const name = 'hooks.example.org';
    const ofName = await startHookServer(() => ({ body: {} }), { hosts: [name, '127.0.0.1', 'localhost'] });
    const loopback = [{ address: '127.0.0.1', family: 4 }];
    const names: typeof lookup = ((_: string, options: LookupAllOptions, callback: (...found: unknown[]) => void) =>
      options.all ? callback(null, loopback) : callback(null, '127.0.0.1', 4)) as never;
    const { caBundle, port } = ofName;
    const to = (host: string) => asked({ url: `https://${host}:${port}/`, caBundle });
    const [named, any] = [webhookCaller('named', names), webhookCaller('any', names)];
    for (const host of ['127.0.0.1', 'localhost']) expect(await named.call(to(host))).toMatchObject({ status: 200 });
    expect(await named.call(to(name))).toEqual({ error: `dial tcp: lookup ${name}: no such host` });
    expect(ofName.asked).toHaveLength(2);
    expect(await any.call(to(name))).toMatchObject({ status: 200 });
    named.close();
    any.close();
    await ofName.close();
  });
});
