/** agnhost crd-conversion-webhook: what `hostPort` of v1 is, are `host` and `port` of v2. */
import { isObject, type Json, type Review, reviewServer } from './review-server.ts';

const GROUP = 'stable.example.com';

class Unconvertible extends Error {}

const without = (object: Json, ...names: string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

function split(object: Json): Json {
  const { hostPort } = object;
  if (hostPort === undefined) return object;
  const parts = String(hostPort).split(':');
  if (parts.length !== 2) throw new Unconvertible(`invalid hostPort value \`${hostPort}\``);
  const [host, port] = parts;
  return { ...without(object, 'hostPort'), host, port };
}

function joined(object: Json): Json {
  const { host, port } = object;
  if (host === undefined && port === undefined) return object;
  return { ...without(object, 'host', 'port'), hostPort: `${host ?? ''}:${port ?? ''}` };
}

/** By the version that there is, and the only one into which it becomes. */
const WAYS: Readonly<Record<string, { to: string; convert(object: Json): Json }>> = {
  [`${GROUP}/v1`]: { to: `${GROUP}/v2`, convert: split },
  [`${GROUP}/v2`]: { to: `${GROUP}/v1`, convert: joined },
};

/** @throws Unconvertible */
function converted(object: unknown, desired: unknown): Json {
  if (!isObject(object)) throw new Unconvertible(`failed to unmarshall object (${JSON.stringify(object)})`);
  const from = String(object.apiVersion);
  if (from === desired)
    throw new Unconvertible(`conversion from a version to itself should not call the webhook: ${from}`);
  const way = Object.hasOwn(WAYS, from) ? WAYS[from] : undefined;
  if (way?.to !== desired)
    throw new Unconvertible(`unexpected conversion version ${JSON.stringify(way ? desired : from)}`);
  return { ...way!.convert(object), apiVersion: desired };
}

const convert: Review = function* ({ objects, desiredAPIVersion }) {
  try {
    const convertedObjects = (Array.isArray(objects) ? objects : []).map((one) => converted(one, desiredAPIVersion));
    return { convertedObjects, result: { metadata: {}, status: 'Success' } };
  } catch (error) {
    if (!(error instanceof Unconvertible)) throw error;
    return { convertedObjects: [], result: { metadata: {}, status: 'Failure', message: error.message } };
  }
};

export const conversionWebhook = reviewServer(
  { group: 'apiextensions.k8s.io', kind: 'ConversionReview' },
  { '/crdconvert': convert },
  'config.go:50',
);
