/** patch: three ways to change a part, and server-side apply. Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go. */

import { append } from '../../objects/append.ts';
import type { KubeObject } from '../../objects/object.ts';
import { notFound, StatusError } from '../../objects/status.ts';
import { respondWritten } from '../answer/encode.ts';
import type { FieldValidation } from '../codec/body.ts';
import { commit } from '../commit.ts';
import { isCustom } from '../custom/decode.ts';
import { managerOf, writeOptions } from '../options.ts';
import { decodeChange } from '../patch/patched.ts';
import { type Patch, PLAIN_PATCHES, parsePatch, patchOf, STRATEGIC_PATCH } from '../patch/read-patch.ts';
import type { Exchange } from '../pipeline.ts';
import { applyObject } from './apply-patch.ts';
import { mediaType, readBody } from './body.ts';
import type { Written } from './decision.ts';
import { matchPath } from './places.ts';
import { decideReplacement } from './replacement.ts';
import { wishes } from './wishes.ts';

const APPLY_PATCH = 'application/apply-patch+yaml';
const APPLY_PATCH_CBOR = 'application/apply-patch+cbor';
const PATCH_TYPES = [...PLAIN_PATCHES, APPLY_PATCH, APPLY_PATCH_CBOR];
/** What has no Go type cannot be merged by one. */
const CUSTOM_PATCH_TYPES = [...PLAIN_PATCHES.filter((type) => type !== STRATEGIC_PATCH), APPLY_PATCH];

export async function patch(exchange: Exchange): Promise<Response> {
  const { kind, name, query, request } = exchange;
  const type = mediaType(request);
  if (!PATCH_TYPES.includes(type))
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  if (isCustom(kind) && !CUSTOM_PATCH_TYPES.includes(type))
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${CUSTOM_PATCH_TYPES.join(', ')}`,
    );
  const apply = type === APPLY_PATCH;
  const options = writeOptions(query, 'PatchOptions', apply);
  exchange.dryRun = options.dryRun;
  exchange.manager = managerOf(options.fieldManager, request);
  const bytes = await readBody(exchange);
  if (apply) return applyObject(exchange, bytes, options);
  const parsed = parsePatch(bytes);
  // What it means is looked at when there is something to patch.
  let change: Patch | undefined;
  const validation = options.fieldValidation;
  const seen = await peek(exchange);
  const reads = seen || !kind.strategy.reads ? wishes(exchange, seen ?? NOTHING, 'update') : [];
  const written = await commit<Written>(exchange, reads, name!, (found) => {
    if (!found.current) throw notFound(kind, name!);
    change ??= patchOf(parsed, type, kind.struct, validation);
    const object = patched(exchange, found.current, change, validation);
    return decideReplacement(exchange, object, { manager: exchange.manager }, found);
  });
  return respondWritten(exchange, written, 200);
}

/** For a kind whose admission looks at the same whatever the object is. */
const NOTHING = { metadata: {} } as KubeObject;

/** The object as it is, where the kind's admission must be told what it will look at. */
async function peek(exchange: Exchange): Promise<KubeObject | undefined> {
  if (!exchange.kind.strategy.reads) return undefined;
  return commit<KubeObject | undefined>(exchange, [], exchange.name!, (seen) => ({
    operations: [],
    answer: () => seen.current,
  }));
}

function patched(exchange: Exchange, current: KubeObject, change: Patch, validation: FieldValidation): KubeObject {
  const { kind, name, namespace } = exchange;
  const warnings: string[] = [];
  const object = decodeChange(change, current, kind, exchange.storage.catalog.schemas, validation, warnings);
  append(
    exchange.warnings,
    warnings.filter((w) => !exchange.warnings.includes(w)),
  );
  object.metadata ??= {} as KubeObject['metadata'];
  matchPath(object, name!, namespace);
  return object;
}
