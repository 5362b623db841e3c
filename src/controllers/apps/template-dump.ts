/**
 * A pod template as Go's spew prints it with `%#v`: every field of every struct in Go's order, with its type. It is what template
 * hashes are taken of. Source: k8s.io/utils/dump, github.com/davecgh/go-spew.
 */

import { builtInStruct, type Struct, type Type } from '../../catalog/schema.ts';
import { canonicalQuantity } from '../../objects/quantity.ts';

const TEMPLATE = 'io.k8s.api.core.v1.PodTemplateSpec';

/** Fields that Go doesn't name as JSON does with a capital. */
const NAMES: Record<string, string> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  metadata: 'ObjectMeta',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  serviceAccount: 'DeprecatedServiceAccount',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
};

/** The same, where the name means something else in another struct. */
const NAMES_IN: Record<string, Record<string, string>> = {
  'v1.GlusterfsVolumeSource': { endpoints: 'EndpointsName' },
  'v1.RBDVolumeSource': { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' },
};

const NIL = '<nil>';
const ZERO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

export function templateDump(template: Record<string, unknown>): string {
  const struct = builtInStruct(TEMPLATE);
  return `(${struct.go})${dumpStruct(struct, template)}`;
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function dumpStruct(struct: Struct, value: Record<string, unknown>): string {
  const fields = struct.declared.map(({ name, type }) => {
    // An inlined struct has its own name in Go, and its fields in the owner's JSON.
    const inlined = name === '';
    const goName = inlined
      ? type.go.slice(type.go.lastIndexOf('.') + 1)
      : (NAMES_IN[struct.go]?.[name] ?? NAMES[name] ?? capital(name));
    return `${goName}:(${goType(type)})${dump(type, inlined ? value : value[name])}`;
  });
  return `{${fields.join(' ')}}`;
}

const goType = (type: Type): string => (type.pointer ? `*${type.go}` : type.go);

function dump(type: Type, value: unknown): string {
  const isAbsent = value === undefined || value === null;
  if (type.pointer && isAbsent) return NIL;
  switch (type.form) {
    case 'struct':
      return dumpStruct(type.struct, (value ?? {}) as Record<string, unknown>);
    case 'list': {
      const items = (value ?? []) as unknown[];
      return items.length === 0 ? NIL : `[${items.map((item) => dump(type.element, item)).join(' ')}]`;
    }
    case 'map': {
      const entries = Object.entries((value ?? {}) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
      if (entries.length === 0) return NIL;
      return `map[${entries.map(([key, item]) => `${key}:${dump(type.element, item)}`).join(' ')}]`;
    }
    case 'scalar':
      return dumpScalar(type.scalar, value);
  }
}

function dumpScalar(scalar: string, value: unknown): string {
  switch (scalar) {
    case 'string':
      return String(value ?? '');
    case 'bool':
      return String(value ?? false);
    case 'Time':
      return ZERO_TIME;
    case 'Quantity':
      return dumpQuantity(canonicalQuantity(String(value ?? '0')));
    case 'IntOrString':
      return typeof value === 'string'
        ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
        : `{Type:(intstr.Type)0 IntVal:(int32)${value ?? 0} StrVal:(string)}`;
    default:
      return String(value ?? 0);
  }
}

/** Powers of ten and two that suffixes stand for. */
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/** A quantity's insides, as its parser leaves them: it keeps the text where that is the canonical form anyway. */
function dumpQuantity(text: string): string {
  const [, sign = '', whole = '0', , fraction = '', suffix = ''] = /^([+-]?)(\d*)(\.(\d*))?(.*)$/.exec(text) ?? [];
  const digits = whole.replace(/^0+/, '') || (fraction === '' ? '0' : '');
  const shifted = digits + fraction;
  const exponent = BINARY[suffix];
  let value = BigInt(shifted || '0');
  let scale = 0;
  let keeps: boolean;
  if (exponent !== undefined) {
    keeps = exponent % 10 === 0 && (value & 7n) !== 0n;
    value <<= BigInt(exponent);
  } else {
    scale = (DECIMAL[suffix] ?? Number(suffix.slice(1))) - fraction.length;
    keeps = scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
  }
  if (text === '0') keeps = true;
  const number = sign === '-' ? -value : value;
  const format = exponent !== undefined ? 'BinarySI' : /^[eE][-+]?\d/.test(suffix) ? 'DecimalExponent' : 'DecimalSI';
  return (
    `{i:(resource.int64Amount){value:(int64)${number} scale:(resource.Scale)${scale}} ` +
    `d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${keeps ? text : ''} Format:(resource.Format)${format}}`
  );
}
