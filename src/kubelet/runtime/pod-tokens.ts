/** Tokens of service accounts as files of volumes. Models pkg/volume/projected and pkg/kubelet/token. */
import type { Bytes } from '../../machine/bytes.ts';
import type { VolumeFile } from '../../machine/pod-machine.ts';
import type { ServiceAccountTokenProjection } from '../../objects/generated/core-v1.gen.ts';
import { milliseconds } from '../../objects/time.ts';
import { digestOf } from './images.ts';
import type { Surround } from './surround.ts';
import { effectiveContext } from './users.ts';

/** A token is renewed when so much of its life is over. */
const RENEWED_AT = 0.8;

const OWN_ONLY = 0o600;
const DEFAULT_SECONDS = 3600;

/** The file of a source; undefined: nobody signs here. */
export function tokenFile(
  around: Surround,
  source: ServiceAccountTokenProjection,
  mode: number,
): VolumeFile | undefined {
  const { pod, node, reader, signToken } = around;
  const { namespace = '', name, uid = '' } = pod.metadata;
  const account = reader.get('serviceaccounts', namespace, pod.spec.serviceAccountName || 'default');
  if (!signToken || !account) return undefined;
  const seconds = source.expirationSeconds ?? DEFAULT_SECONDS;
  const begin = Math.floor(milliseconds(pod.status?.startTime ?? undefined) / 1000) || 0;
  const life = seconds * RENEWED_AT;
  const claims = {
    namespace,
    account: { name: account.metadata.name, uid: account.metadata.uid ?? '' },
    pod: { name, uid },
    node: { name: node.metadata.name, uid: node.metadata.uid ?? '' },
    audience: source.audience ?? '',
    seconds,
  };
  let last: { issuedAt: number; token: Bytes } | undefined;
  const made = (at: number): Bytes | undefined => {
    const issuedAt = begin + Math.max(0, Math.floor((at / 1000 - begin) / life)) * Math.ceil(life);
    if (last?.issuedAt === issuedAt) return last.token;
    const id = uuidOf(`${uid} ${source.path} ${source.audience} ${issuedAt}`);
    const token = signToken({ ...claims, issuedAt, id });
    if (token !== undefined) last = { issuedAt, token };
    return token;
  };
  const user = userOfAll(around);
  const isOwn = user !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
  return { mode: isOwn ? OWN_ONLY : mode, ...(user === undefined ? {} : { uid: user }), made };
}

/** As whom all containers run, if that is said and the same of all. */
function userOfAll({ pod }: Surround): number | undefined {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const users = new Set(all.map((container) => effectiveContext(pod, container).runAsUser));
  return users.size === 1 ? [...users][0] : undefined;
}

function uuidOf(text: string): string {
  const hex = digestOf(text);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
