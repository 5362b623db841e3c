import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectls, type Kubectl, run } from './kubectl.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const kubectls = findKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl on this machine');

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {app: api}}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
`;

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns: [{name: When, type: string, jsonPath: .spec.when}]
    selectableFields: [{jsonPath: .spec.when}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations: [{rule: "self.when != 'never'", message: never is too late}]
            properties:
              when: {type: string, description: At which times it runs.}
              replicas: {type: integer, default: 1}
`;

const CRONTAB = `apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: nightly}
spec: {when: '0 3 * * *'}
`;

/** What `kubectl version` says to a server that is much newer or older, and 1.27 of its own output. */
const VERSION_REMARKS = /^WARNING: (version difference between client|This version information is deprecated) .*\n/gm;

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await openSandbox();
}, 180_000);

afterAll(() => sandbox?.close());

async function createKubeconfig(): Promise<string> {
  const { id, token } = await sandbox.createCluster({ nodes: 3 });
  const answer = await fetch(`${sandbox.server.url}/v1/clusters/${id}/kubeconfig`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const file = join(sandbox.folder, `${id}.yaml`);
  await writeFile(file, await answer.text());
  return file;
}

describe.skipIf(kubectls.length === 0).each(kubectls)('$name', (kubectl: Kubectl) => {
  let kubeconfig: string;
  const ok = async (args: string[], stdin?: string): Promise<string> => {
    const result = await run(kubectl, kubeconfig, sandbox.folder, args, stdin);
    const stderr = result.stderr.replace(VERSION_REMARKS, '');
    expect(`${args.join(' ')}: ${result.code} ${stderr}`).toBe(`${args.join(' ')}: 0 `);
    return result.stdout;
  };

  beforeAll(async () => {
    kubeconfig = await createKubeconfig();
  });

  it('sees three ready nodes right after creation', async () => {
    const lines = (await ok(['get', 'nodes', '--no-headers'])).trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^\S+\s+Ready\s/);
  });

  it('runs a Deployment and rolls it out, back and again', async () => {
    await ok(['create', 'deployment', 'web', '--image=nginx', '--replicas=3']);
    expect(await ok(['rollout', 'status', 'deployment/web', '--timeout=20s'])).toContain('successfully rolled out');
    const wide = await ok(['get', 'pods', '-l', 'app=web', '-o', 'wide', '--no-headers']);
    expect(wide.trim().split('\n')).toHaveLength(3);
    for (const line of wide.trim().split('\n'))
      expect(line).toMatch(/\s1\/1\s+Running\s+0\s+\S+\s+10\.244\.\d+\.\d+\s/);
    await ok(['set', 'image', 'deployment/web', 'nginx=nginx:1.27']);
    await ok(['rollout', 'status', 'deployment/web', '--timeout=20s']);
    expect(await ok(['rollout', 'history', 'deployment/web'])).toMatch(/1\s+<none>\n2\s+<none>/);
    await ok(['rollout', 'undo', 'deployment/web']);
    await ok(['rollout', 'status', 'deployment/web', '--timeout=20s']);
    expect(await ok(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'])).toBe(
      'nginx',
    );
    await ok(['rollout', 'restart', 'deployment/web']);
    await ok(['rollout', 'status', 'deployment/web', '--timeout=20s']);
    await ok(['scale', 'deployment', 'web', '--replicas=1']);
    await ok(['rollout', 'status', 'deployment/web', '--timeout=20s']);
    expect(await ok(['describe', 'deployment', 'web'])).toContain('1 desired | 1 updated | 1 total | 1 available');
  });

  it('applies, exposes, labels, annotates and selects', async () => {
    expect(await ok(['apply', '-f', '-'], MANIFEST)).toBe('configmap/settings created\ndeployment.apps/api created\n');
    expect(await ok(['apply', '-f', '-'], MANIFEST)).toBe(
      'configmap/settings unchanged\ndeployment.apps/api unchanged\n',
    );
    expect(await ok(['apply', '--server-side', '--field-manager=ssa', '-f', '-'], MANIFEST.split('---')[0]!)).toContain(
      'serverside-applied',
    );
    await ok(['rollout', 'status', 'deployment/api', '--timeout=20s']);
    expect(await ok(['expose', 'deployment', 'api', '--port=80'])).toBe('service/api exposed\n');
    expect(await ok(['get', 'service', 'api', '-o', 'jsonpath={.spec.clusterIP}'])).toMatch(/^10\.96\.\d+\.\d+$/);
    await ok(['label', 'configmap', 'settings', 'tier=front']);
    await ok(['annotate', 'configmap', 'settings', 'note=hello']);
    expect(await ok(['get', 'configmap', '-l', 'tier=front', '-o', 'name'])).toBe('configmap/settings\n');
    expect(
      await ok(['get', 'pods', '--field-selector', 'status.phase=Running', '-l', 'app=api', '-o', 'name']),
    ).toMatch(/^pod\/api-.*\npod\/api-.*\n$/);
    expect(await ok(['get', 'configmap', 'settings', '-o', 'yaml'])).toContain('colour: blue');
    expect(JSON.parse(await ok(['get', 'configmap', 'settings', '-o', 'json'])).data).toEqual({ colour: 'blue' });
    expect(await ok(['describe', 'pods', '-l', 'app=api'])).toMatch(/Successfully assigned default\/api-/);
    await ok(['delete', 'service,deployment', 'api', '--timeout=20s']);
    await ok(['wait', '--for=delete', 'pod', '-l', 'app=api', '--timeout=20s']);
    expect(await ok(['get', 'pods', '-l', 'app=api', '-o', 'name'])).toBe('');
  });

  it('discovers and explains', async () => {
    expect(await ok(['api-resources', '--no-headers'])).toMatch(
      /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m,
    );
    expect((await ok(['api-versions'])).split('\n')).toContain('apps/v1');
    expect(await ok(['explain', 'deployment.spec.replicas'])).toMatch(/FIELD:\s+replicas <integer>/);
    expect(await ok(['version'])).toMatch(/Server Version: .*v1\.37\.2/);
    expect(await ok(['get', 'pods', '-A', '-o', 'name'])).toContain('pod/web-');
    expect(await ok(['events'])).toContain('ScalingReplicaSet');
    expect(await ok(['auth', 'can-i', 'create', 'pods'])).toBe('yes\n');
  });

  it('defines a kind and works with its objects', async () => {
    await ok(['apply', '-f', '-'], DEFINITION);
    await ok(['wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=20s']);
    expect(await ok(['apply', '-f', '-'], CRONTAB)).toBe('crontab.stable.example.com/nightly created\n');
    expect(await ok(['apply', '-f', '-'], CRONTAB)).toBe('crontab.stable.example.com/nightly unchanged\n');
    expect(await ok(['get', 'ct'])).toMatch(/^NAME\s+WHEN\nnightly\s+0 3 \* \* \*\n$/);
    expect(await ok(['get', 'ct', '--field-selector', 'spec.when!=noon', '-o', 'name'])).toContain('nightly');
    expect(await ok(['explain', 'crontab.spec.when'])).toContain('At which times it runs.');
    await ok(['scale', 'ct/nightly', '--replicas=3']);
    expect(await ok(['get', 'ct/nightly', '-o', 'jsonpath={.spec.replicas}'])).toBe('3');
    await ok(['apply', '--server-side', '--force-conflicts', '-f', '-'], CRONTAB.replace('0 3', '0 4'));
    await ok(['label', 'ct/nightly', 'a=b']);
    const patch = ['patch', 'ct/nightly', '--type=merge', '-p', '{"spec":{"when":"never"}}'];
    const refused = await run(kubectl, kubeconfig, sandbox.folder, patch);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('never is too late')]);
    await ok(['delete', 'crd', 'crontabs.stable.example.com', '--timeout=20s']);
    expect((await run(kubectl, kubeconfig, sandbox.folder, ['get', 'crontabs'])).code).toBe(1);
  });
});
