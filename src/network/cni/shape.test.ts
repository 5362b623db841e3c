import { expect, it } from 'vitest';
import { netShape } from './network-config.ts';
import { decode, flag, int, list, optional, struct, text, uint } from './shape.ts';

const shape = struct('main.Conf', {
  name: text,
  isGateway: flag,
  mtu: int,
  rate: optional(uint),
  ipam: struct('main.IPAM', { routes: list(struct('types.Route', { dst: text })) }),
});

it('finds fields whatever the case of their letters, and leaves what is null', () => {
  const read = decode(shape, {
    NAME: 'a',
    isgateway: true,
    mtu: null,
    ipam: { Routes: [{ DST: 'x' }] },
    colour: 'blue',
  });
  expect(read).toEqual({ name: 'a', isGateway: true, mtu: 0, rate: undefined, ipam: { routes: [{ dst: 'x' }] } });
});

it('takes the later of two spellings', () => {
  expect(decode(shape, { name: 'a', Name: 'b' }).name).toBe('b');
});

it.each([
  [{ isGateway: 'yes' }, 'json: cannot unmarshal string into Go struct field Conf.isGateway of type bool'],
  [{ mtu: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field Conf.mtu of type int'],
  [{ rate: -1 }, 'json: cannot unmarshal number -1 into Go struct field Conf.rate of type uint64'],
  [
    { ipam: { routes: [{ dst: [] }] } },
    'json: cannot unmarshal array into Go struct field Route.ipam.routes.dst of type string',
  ],
  // The first mistake is told, after all is read.
  [{ mtu: 'x', name: 7 }, 'json: cannot unmarshal string into Go struct field Conf.mtu of type int'],
  ['x', 'json: cannot unmarshal string into Go value of type main.Conf'],
])('tells of %j as Go does', (value, message) => {
  expect(() => decode(shape, value)).toThrow(message);
});

it('tells of a network that is none as Go does', () => {
  const routes = struct('types.Route', { dst: netShape });
  const message = 'json: cannot unmarshal bool into Go struct field Route.dst of type string';
  expect(() => decode(routes, { dst: true })).toThrow(message);
});
