import { expect, it } from 'vitest';
import { refusePrivate } from './webhooks-schema.ts';

const ORIGIN = 'https://page.example.org';

it('lets no page name a private address', () => {
  for (const url of ['https://localhost:9443/', 'https://192.168.1.1/', 'https://[::1]/a', 'https://printer/']) {
    const webhooks = { allow: ['https://hooks.example.org/', url] };
    expect(() => refusePrivate(webhooks, ORIGIN)).toThrow('/webhooks/allow/1: is a private address');
    expect(() => refusePrivate(webhooks, undefined)).not.toThrow();
  }
  for (const webhooks of [undefined, { allow: ['https://hooks.example.org/'] }])
    expect(() => refusePrivate(webhooks, ORIGIN)).not.toThrow();
});
