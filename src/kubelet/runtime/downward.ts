/** What a pod tells its programs of itself. Models pkg/fieldpath and pkg/api/v1/resource (ExtractContainerResourceValue). */
import type { Container, Pod, ResourceFieldSelector } from '../../objects/generated/core-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import { milliValue, wholeValue } from '../../objects/quantity.ts';
import type { Surround } from './surround.ts';

/** A variable's field: one text. */
export function fieldValue({ pod, podIP, hostIP }: Surround, path: string): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP;
    case 'status.podIP':
    case 'status.podIPs':
      return podIP;
    default:
      return '';
  }
}

/** Rounded up to whole divisors; a limit that is not set is what the node has. */
export function resourceValue(
  { pod, node }: Surround,
  container: Container | undefined,
  { resource, divisor, containerName }: ResourceFieldSelector,
): string {
  const all: Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const of = all.find((c) => c.name === containerName) ?? container;
  const at = resource.indexOf('.');
  const [kind, name] = [resource.slice(0, at) as 'limits' | 'requests', resource.slice(at + 1)];
  const set = of?.resources?.[kind]?.[name];
  const amount = set ?? (kind === 'limits' ? node.status?.allocatable?.[name] : undefined) ?? '0';
  const measure = name === 'cpu' ? milliValue : wholeValue;
  return String(Math.ceil(measure(amount) / (measure(divisor ?? '0') || measure('1'))));
}

/** A file's text: as a variable's, and the labels and annotations in whole. */
export function downwardText(
  around: Surround,
  {
    fieldRef,
    resourceFieldRef,
  }: { fieldRef?: { fieldPath: string } | undefined; resourceFieldRef?: ResourceFieldSelector | undefined },
): string {
  if (resourceFieldRef) return resourceValue(around, undefined, resourceFieldRef);
  const { labels = {}, annotations = {} } = around.pod.metadata;
  switch (fieldRef?.fieldPath) {
    case 'metadata.labels':
      return mapText(labels);
    case 'metadata.annotations':
      return mapText({ ...annotations, ...kubeletAnnotations(around.pod) });
    default:
      return fieldValue(around, fieldRef?.fieldPath ?? '');
  }
}

/** What the kubelet itself keeps with a pod. */
const kubeletAnnotations = ({ status }: Pod): Record<string, string> => ({
  'kubernetes.io/config.seen': (status?.startTime ?? '').replace(/Z$/, '.000000000Z'),
  'kubernetes.io/config.source': 'api',
});

const mapText = (map: Readonly<Record<string, string>>): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${quoteGo(map[key]!)}`)
    .join('\n');
