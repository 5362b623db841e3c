/** The variables that a plugin is called with: which must be there, and what they may be. Source: containernetworking/cni pkg/skel. */
import { quoteGo } from '../../objects/go-quote.ts';
import { byteLength } from '../../objects/names.ts';
import { ErrorCode, fail, wrapping } from './errors.ts';
import type { Environment } from './plugin.ts';

const VALID_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** Bytes. */
export const MAX_INTERFACE_NAME = 15;

export function checkContainerID(id: string): void {
  if (id === '') fail('missing containerID', ErrorCode.unknownContainer);
  if (!VALID_NAME.test(id)) fail('invalid characters in containerID', ErrorCode.invalidEnvironment, id);
}

export function checkNetworkName(name: string): void {
  if (name === '') fail('missing network name:', ErrorCode.invalidNetworkConfig);
  if (!VALID_NAME.test(name)) fail('invalid characters found in network name', ErrorCode.invalidNetworkConfig, name);
}

export function checkInterfaceName(name: string): void {
  const refuse = (why: string, details = ''): never => fail(why, ErrorCode.invalidEnvironment, details);
  if (name === '') refuse('interface name is empty');
  if (byteLength(name) > MAX_INTERFACE_NAME)
    refuse('interface name is too long', `interface name should be less than ${MAX_INTERFACE_NAME + 1} characters`);
  if (name === '.' || name === '..') refuse('interface name is . or ..');
  if (/[/:\s\x85]/.test(name)) refuse('interface name contains / or : or whitespace characters');
}

interface Variable {
  name: string;
  value(environment: Environment): string;
  neededBy: readonly string[];
  check?(value: string): void;
}

const ATTACHMENT = ['ADD', 'CHECK', 'DEL'];
const VARIABLES: readonly Variable[] = [
  { name: 'CNI_CONTAINERID', value: (e) => e.containerID, neededBy: ATTACHMENT, check: checkContainerID },
  { name: 'CNI_NETNS', value: (e) => e.netns, neededBy: ['ADD', 'CHECK'] },
  { name: 'CNI_IFNAME', value: (e) => e.ifname, neededBy: ATTACHMENT, check: checkInterfaceName },
  { name: 'CNI_PATH', value: (e) => e.path, neededBy: [...ATTACHMENT, 'GC', 'STATUS'] },
];

/** Throws `CNIError`: for a value that can't be as soon as it is met, for what is missing in the end. */
export function checkEnvironment(environment: Environment): void {
  const missing: string[] = environment.command === '' ? ['CNI_COMMAND'] : [];
  for (const { name, value, neededBy, check } of VARIABLES) {
    if (!neededBy.includes(environment.command)) continue;
    const given = value(environment);
    if (given === '') missing.push(name);
    else check?.(given);
  }
  if (missing.length > 0) fail(`required env variables [${missing.join(',')}] missing`, ErrorCode.invalidEnvironment);
}

/**
 * CNI_ARGS, `K=V;K2=V2`: each value goes to the reader of its name, in their order. A name without one is refused, unless IgnoreUnknown
 * says otherwise. Throws `CNIError`.
 */
export function loadArgs(args: string, readers: Record<string, (value: string) => void>): void {
  if (args === '') return;
  const unknown: string[] = [];
  let ignoresUnknown = false;
  const all = {
    ...readers,
    IgnoreUnknown(value: string) {
      ignoresUnknown = readBoolean(value);
    },
  };
  for (const pair of args.split(';')) {
    const [key, value, ...rest] = pair.split('=');
    if (key === undefined || value === undefined || rest.length > 0) fail(`ARGS: invalid pair ${quoteGo(pair)}`);
    else if (!Object.hasOwn(all, key)) unknown.push(pair);
    else wrapping(`ARGS: error parsing value of pair ${quoteGo(pair)}`, () => all[key as keyof typeof all](value));
  }
  if (unknown.length > 0 && !ignoresUnknown) fail(`ARGS: unknown args [${unknown.map(quoteGo).join(' ')}]`);
}

function readBoolean(value: string): boolean {
  const lower = value.toLowerCase();
  if (lower === '1' || lower === 'true') return true;
  if (lower === '0' || lower === 'false') return false;
  return fail(`boolean unmarshal error: invalid input ${lower}`);
}
