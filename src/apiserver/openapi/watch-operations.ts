/** The older way to watch, by paths of their own. Source: k8s.io/apiserver/pkg/endpoints/installer.go. */
import type { KindDescription } from '../../catalog/kinds.ts';
import { META } from '../../catalog/schema.ts';
import { LIST, type Operation, operation, type PathItem, PRODUCES_STREAMS, scopedKind } from './operation.ts';

const DEPRECATED = "deprecated: use the 'watch' parameter with a list operation instead";

/** A list's paths and an object's. */
export function watchItems(kind: KindDescription, root: string): PathItem[] {
  if (!kind.verbs.includes('watch') || !kind.verbs.includes('list')) return [];
  const lists = `watch individual changes to a list of ${kind.kind}. ${DEPRECATED}.`;
  const single = `watch changes to an object of kind ${kind.kind}. ${DEPRECATED}, filtered to a single item with the 'fieldSelector' parameter.`;
  const watching = (action: string, subject: string, description: string): Operation => ({
    ...operation(kind, 'get', action, ['watch', subject], description),
    parameters: LIST,
    produces: PRODUCES_STREAMS,
    answer: `${META}WatchEvent`,
  });
  const scope = kind.namespaced ? ['namespace'] : [];
  const base = `${root}/watch/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.resource}`;
  const subject = scopedKind(kind);
  const items: PathItem[] = [
    { path: base, parameters: [...scope, 'pretty'], operations: [watching('watchlist', `${subject}List`, lists)] },
    {
      path: `${base}/{name}`,
      parameters: ['name', ...scope, 'pretty'],
      operations: [watching('watch', subject, single)],
    },
  ];
  if (kind.namespaced)
    items.push({
      path: `${root}/watch/${kind.resource}`,
      parameters: ['pretty'],
      operations: [watching('watchlist', `${kind.kind}ListForAllNamespaces`, lists)],
    });
  return items;
}
