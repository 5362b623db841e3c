/** A plugin's result in its present form, and the forms that older versions of the specification have. Source: containernetworking/cni pkg/types. */
import { quoteGo } from '../../objects/go-quote.ts';
import { type IP, type IPNet, printIP, printNet } from '../ip-addresses.ts';
import { fail, wrapping } from './errors.ts';
import { type DNS, dnsShape, ipShape, netShape, type Route, routeShape } from './network-config.ts';
import { decode, int, list, optional, struct, text } from './shape.ts';
import { CURRENT_VERSION, OLDEST_VERSION } from './versions.ts';

export interface ResultInterface {
  name: string;
  mac: string;
  mtu: number;
  sandbox: string;
  socketPath: string;
  pciID: string;
}

export interface ResultIP {
  /** '4' or '6'; only in the form of 0.3 and 0.4, and there '' where whoever wrote it left it out. */
  version?: string;
  interface: number | undefined;
  address: IPNet | undefined;
  gateway: IP | undefined;
}

type Form = '0.2' | '0.4' | '1';

export interface Result {
  /** Which of the library's three types holds the value; what a plugin makes itself is of the present one, whatever its version. */
  form: Form;
  cniVersion: string;
  interfaces: ResultInterface[];
  ips: ResultIP[];
  routes: Route[];
  dns: DNS;
}

export const NO_DNS: DNS = { nameservers: undefined, domain: '', search: undefined, options: undefined };

export const emptyResult = (): Result => ({
  form: '1',
  cniVersion: CURRENT_VERSION,
  interfaces: [],
  ips: [],
  routes: [],
  dns: NO_DNS,
});

export const newInterface = (name: string, mac: string, sandbox = ''): ResultInterface => ({
  name,
  mac,
  mtu: 0,
  sandbox,
  socketPath: '',
  pciID: '',
});

const FORMS: Record<string, Form> = {
  '0.1.0': '0.2',
  '0.2.0': '0.2',
  '0.3.0': '0.4',
  '0.3.1': '0.4',
  '0.4.0': '0.4',
  '1.0.0': '1',
  '1.1.0': '1',
};
const SUPPORTED: Record<Form, string> = {
  '0.2': '["" "0.1.0" "0.2.0"]',
  '0.4': '["0.3.0" "0.3.1" "0.4.0"]',
  '1': '["1.0.0" "1.1.0"]',
};

const interfaceShape = struct('types100.Interface', {
  name: text,
  mac: text,
  mtu: int,
  sandbox: text,
  socketPath: text,
  pciID: text,
});
const ipConfigShape = struct('types100.IPConfig', {
  version: text,
  interface: optional(int),
  address: netShape,
  gateway: ipShape,
});
const resultShape = struct('Result', {
  cniVersion: text,
  interfaces: list(interfaceShape, '[]*types100.Interface'),
  ips: list(ipConfigShape, '[]*types100.IPConfig'),
  routes: list(routeShape, '[]*types.Route'),
  dns: dnsShape,
});
const oldIPShape = optional(
  struct('types020.ipConfig', { ip: netShape, gateway: ipShape, routes: list(routeShape, '[]types.Route') }),
);
const oldResultShape = struct('Result', { cniVersion: text, ip4: oldIPShape, ip6: oldIPShape, dns: dnsShape });

/** A result as it was printed, kept in that version's form. Throws `CNIError`. */
export function readResult(version: string, value: unknown): Result {
  const form = FORMS[version === '' ? OLDEST_VERSION : version];
  if (!form) return fail(`unsupported CNI result version ${quoteGo(version)}`);
  const result = form === '0.2' ? readOld(value) : readPresent(value, form);
  if (FORMS[result.cniVersion] !== form)
    fail(
      `result type supports ${SUPPORTED[form].replaceAll('"', '')} but unmarshalled CNIVersion is ${quoteGo(result.cniVersion)}`,
    );
  return result;
}

function readOld(value: unknown): Result {
  const { cniVersion, ip4, ip6, dns } = decode(oldResultShape, value);
  const given = [ip4, ip6].flatMap((config, i) => (config ? [{ config, version: i === 0 ? '4' : '6' }] : []));
  return {
    form: '0.2',
    cniVersion: cniVersion === '' ? OLDEST_VERSION : cniVersion,
    interfaces: [],
    ips: given.map(({ config, version }) => ({
      version,
      interface: undefined,
      address: config.ip,
      gateway: config.gateway,
    })),
    routes: given.flatMap(({ config }) => config.routes ?? []),
    dns,
  };
}

function readPresent(value: unknown, form: Form): Result {
  const { cniVersion, interfaces, ips, routes, dns } = decode(resultShape, value);
  const isOld = form === '0.4';
  return {
    form,
    cniVersion,
    interfaces: (interfaces ?? []).map((i) => (isOld ? newInterface(i.name, i.mac, i.sandbox) : i)),
    ips: (ips ?? []).map(({ version, ...ip }) => (isOld ? { version, ...ip } : ip)),
    routes: routes ?? [],
    dns,
  };
}

const familyOf = ({ address }: ResultIP): string => (address?.ip.family === 4 ? '4' : '6');

/** In the form of another version. Throws `CNIError` where that has none for it. */
export function convertResult(result: Result, version: string): Result {
  const to = version === '' ? OLDEST_VERSION : version;
  const from = result.cniVersion === '' ? CURRENT_VERSION : result.cniVersion;
  if (from === to) return { ...result, cniVersion: to };
  const form = FORMS[to];
  if (!FORMS[from] || !form) return fail(`no converter for CNI result version ${from} to ${to}`);
  if (result.form === form) return { ...result, cniVersion: to };
  const ips = result.ips.map((ip): ResultIP => {
    const { version: written, ...rest } = ip;
    return form === '1' ? rest : { version: result.form === '1' ? familyOf(ip) : (written ?? ''), ...rest };
  });
  const interfaces =
    form === '1' ? result.interfaces : result.interfaces.map((i) => newInterface(i.name, i.mac, i.sandbox));
  const converted = { ...result, form, cniVersion: to, ips, interfaces };
  return form === '0.2' ? toOld(converted) : converted;
}

/** One address of each family, with the routes of that family. */
function toOld(result: Result): Result {
  const v4 = result.ips.find(({ version }) => version === '4');
  const v6 = result.ips.find(({ version }) => version === '6');
  if (!v4 && !v6) fail('cannot convert: no valid IP addresses');
  const routes = result.routes
    .filter(({ dst }) => (dst?.ip.family === 4 ? v4 : v6))
    .map((route) => ({ ...route, mtu: 0, advmss: 0, priority: 0, table: undefined, scope: undefined }));
  return { ...result, interfaces: [], ips: [v4, v6].filter((ip) => ip !== undefined), routes };
}

export const toCurrent = (result: Result): Result => convertResult(result, CURRENT_VERSION);

type JSONObject = Record<string, unknown>;

/** Without what is empty, as Go's `omitempty`. */
function present(object: JSONObject): JSONObject {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== undefined && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

const printedDNS = ({ domain, nameservers, options, search }: DNS): JSONObject =>
  present({ domain, nameservers, options, search });

const printedRoute = ({ dst, gw, mtu, advmss, priority, table, scope }: Route): JSONObject => ({
  ...present({ advmss }),
  dst: dst ? printNet(dst) : '<nil>',
  ...present({ gw: gw && printIP(gw), mtu, priority }),
  ...(scope === undefined ? {} : { scope }),
  ...(table === undefined ? {} : { table }),
});

const printedInterface = ({ mac, mtu, name, pciID, sandbox, socketPath }: ResultInterface): JSONObject => ({
  ...present({ mac, mtu }),
  name,
  ...present({ pciID, sandbox, socketPath }),
});

function printedIP({ version, interface: index, address, gateway }: ResultIP): JSONObject {
  return {
    ...(version === undefined ? {} : { version }),
    address: address ? printNet(address) : '<nil>',
    ...(gateway ? { gateway: printIP(gateway) } : {}),
    ...(index === undefined ? {} : { interface: index }),
  };
}

/** The JSON that a plugin prints, or the library hands on. */
export function printResult(result: Result): JSONObject {
  const { form, cniVersion, interfaces, ips, routes } = result;
  const dns = printedDNS(result.dns);
  if (form === '0.2') return printOld(result, dns);
  const isPresent = form === '1';
  return {
    cniVersion,
    ...(isPresent && Object.keys(dns).length > 0 ? { dns } : {}),
    ...present({
      interfaces: interfaces.map(printedInterface),
      ips: ips.map(printedIP),
      routes: routes.map(printedRoute),
    }),
    ...(isPresent ? {} : { dns }),
  };
}

function printOld({ cniVersion, ips, routes }: Result, dns: JSONObject): JSONObject {
  const one = (family: 4 | 6): JSONObject | undefined => {
    const config = ips.find(({ version }) => version === String(family));
    if (!config) return undefined;
    return {
      ip: config.address ? printNet(config.address) : '<nil>',
      ...(config.gateway ? { gateway: printIP(config.gateway) } : {}),
      ...present({ routes: routes.filter(({ dst }) => (dst?.ip.family ?? 6) === family).map(printedRoute) }),
    };
  };
  return { cniVersion, ...present({ ip4: one(4), ip6: one(6) }), dns };
}

/** What a plugin has printed just now: an answer that names no version is in that of the configuration. Throws `CNIError`. */
export function readPrinted(printed: Record<string, unknown> | undefined, configured: string): Result {
  const written = printed?.cniVersion;
  const version = typeof written === 'string' && written !== '' ? written : configured || OLDEST_VERSION;
  return readResult(version, { ...printed, cniVersion: version });
}

/** What was printed before by a plugin, as it lies in `prevResult`. Throws `CNIError`. */
export function readPrevResult(version: string, prevResult: Record<string, unknown>): Result {
  // The configuration's version stands in for one that is left out, not for an empty one.
  const value = { CNIVersion: version, ...prevResult };
  return wrapping('could not parse prevResult', () => readResult(version, value));
}
