import { expect, it } from 'vitest';
import { checkInterfaceName, loadArgs, MAX_INTERFACE_NAME } from './environment.ts';

it('takes a name of an interface that the kernel takes', () => {
  expect(() => checkInterfaceName('x'.repeat(MAX_INTERFACE_NAME))).not.toThrow();
  expect(() => checkInterfaceName('x'.repeat(MAX_INTERFACE_NAME + 1))).toThrow('interface name is too long');
  // Bytes count, not letters.
  expect(() => checkInterfaceName('ü'.repeat(8))).toThrow('interface name is too long');
  expect(() => checkInterfaceName('a b')).toThrow('whitespace');
});

it('reads CNI_ARGS pair by pair, and refuses what nobody reads', () => {
  const read: string[] = [];
  const readers = { IP: (value: string) => void read.push(value) };
  loadArgs('IgnoreUnknown=1;K8S_POD_NAME=web;IP=10.1.2.3', readers);
  expect(read).toEqual(['10.1.2.3']);
  expect(() => loadArgs('K8S_POD_NAME=web;A=1', readers)).toThrow('ARGS: unknown args ["K8S_POD_NAME=web" "A=1"]');
  expect(() => loadArgs('IP', readers)).toThrow('ARGS: invalid pair "IP"');
  expect(() => loadArgs('IgnoreUnknown=maybe', readers)).toThrow(
    'ARGS: error parsing value of pair "IgnoreUnknown=maybe": boolean unmarshal error: invalid input maybe',
  );
});
