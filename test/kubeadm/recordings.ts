/** What the real kubeadm said that it would make: the objects of its dry runs, in order, and the manifests that it wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYAMLDocument } from '../../src/apiserver/codec/yaml/parse.ts';
import type { KubeObject } from '../../src/objects/object.ts';

const FOLDER = join(import.meta.dirname, 'recorded');

const parsed = (text: string): KubeObject => parseYAMLDocument(text).value as KubeObject;

/** What the server fills in later is in what a client sends empty. */
const asSent = ({ status: _, ...object }: KubeObject): KubeObject => {
  const { resourceVersion: __, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** The objects of `CREATE`, as they would be sent. */
export function recordedObjects(name: string): KubeObject[] {
  const text = readFileSync(join(FOLDER, `${name}.txt`), 'utf8');
  return [...text.matchAll(/action CREATE on resource [^\n]*\n\[dryrun\] Attached object:\n([\s\S]*?)\n\n/g)].map(
    ([, yaml]) => asSent(parsed(`${yaml}\n`)),
  );
}

const MANIFESTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

export const recordedManifests = (name: string): KubeObject[] =>
  MANIFESTS.map((manifest) => join(FOLDER, name, `${manifest}.yaml`))
    .filter((path) => existsSync(path))
    .map((path) => asSent(parsed(readFileSync(path, 'utf8'))));
