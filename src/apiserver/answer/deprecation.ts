/** Warnings that every request for a kind brings, because the kind is on its way out. Source: the lifecycle markers of k8s.io/api. */
import type { Kind } from '../../catalog/kinds.ts';

const DEPRECATED: Record<string, string> = {
  '/v1/Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  '/v1/ComponentStatus': 'v1 ComponentStatus is deprecated in v1.19+',
};

export function deprecationWarnings(kind: Kind): string[] {
  const warning = DEPRECATED[`${kind.group}/${kind.version}/${kind.kind}`];
  return [
    ...(warning === undefined ? [] : [warning]),
    ...(kind.custom?.deprecation === undefined ? [] : [kind.custom.deprecation]),
  ];
}
