import { describe, expect, it } from 'vitest';
import { commandOf } from './commands.ts';

/** What a line asks, and what it prints. `answers`: what is found under a path. */
async function done(line: string, answers: Record<string, unknown> = {}): Promise<{ asked: unknown[]; said: string }> {
  const asked: unknown[] = [];
  const said = await commandOf(line)!(async (method, path, body, type) => {
    asked.push([method, path, ...(body === undefined ? [] : [body]), ...(type === undefined ? [] : [type])]);
    return answers[path] ?? {};
  });
  return { asked, said };
}

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

describe('a line of kubectl', () => {
  it('creates what kubectl creates', async () => {
    const { asked, said } = await done('$ kubectl create deployment web --image=nginx:1.29 --replicas 3 --port=80');
    const labels = { app: 'web' };
    const containers = [{ name: 'nginx', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }];
    const template = { metadata: { labels }, spec: { containers } };
    const spec = { replicas: 3, selector: { matchLabels: labels }, template };
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels }, spec };
    expect(asked).toEqual([['POST', `${DEPLOYMENTS}?fieldManager=kubectl-create`, body]]);
    expect(said).toBe('deployment.apps/web created');
  });

  it('tells of a deployment that is refused as kubectl does', async () => {
    const said = commandOf('kubectl create deployment web --image=nginx')!(async () => {
      throw new Error('deployments.apps "web" already exists');
    });
    expect(await said).toBe('error: failed to create deployment: deployments.apps "web" already exists');
  });

  it('scales, in the namespace that it names', async () => {
    const { asked, said } = await done('kubectl -n shop scale deploy/web sts/db --replicas=2');
    expect(asked).toEqual(
      ['deployments/web', 'statefulsets/db'].map((path) => [
        'PATCH',
        `/apis/apps/v1/namespaces/shop/${path}/scale?fieldManager=kubectl-scale`,
        { spec: { replicas: 2 } },
        'application/merge-patch+json',
      ]),
    );
    expect(said).toBe('deployment.apps/web scaled\nstatefulset.apps/db scaled');
  });

  it('exposes with the selector of what it exposes', async () => {
    const labels = { app: 'web' };
    const { asked, said } = await done('kubectl expose deployment web --port=80 --target-port=http --type NodePort', {
      [`${DEPLOYMENTS}/web`]: { metadata: { labels }, spec: { selector: { matchLabels: labels } } },
    });
    const spec = { ports: [{ protocol: 'TCP', port: 80, targetPort: 'http' }], selector: labels, type: 'NodePort' };
    const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', labels }, spec };
    expect(asked[1]).toEqual(['POST', '/api/v1/namespaces/default/services?fieldManager=kubectl-expose', body]);
    expect(said).toBe('service/web exposed');
  });

  it('deletes, and says from where', async () => {
    const { asked, said } = await done('kubectl delete pod a b');
    expect(asked.map((one) => (one as string[]).slice(0, 2))).toEqual([
      ['DELETE', '/api/v1/namespaces/default/pods/a'],
      ['DELETE', '/api/v1/namespaces/default/pods/b'],
    ]);
    expect(said).toBe('pod "a" deleted from default namespace\npod "b" deleted from default namespace');
    expect((await done('kubectl delete ns shop')).said).toBe('namespace "shop" deleted');
  });

  it('cordons a node once', async () => {
    const path = '/api/v1/nodes/node-1';
    expect((await done('kubectl cordon node-1', { [path]: { spec: {} } })).said).toBe('node/node-1 cordoned');
    const again = await done('kubectl cordon node-1', { [path]: { spec: { unschedulable: true } } });
    expect([again.said, again.asked.length]).toEqual(['node/node-1 already cordoned', 1]);
  });

  it.each([
    ['kubectl run box --image=busybox', 'pod/box created'],
    ['kubectl create namespace shop', 'namespace/shop created'],
    ["kubectl set image deployment/web nginx='nginx:1.30'", 'deployment.apps/web image updated'],
    ['kubectl rollout restart deployment web', 'deployment.apps/web restarted'],
    ['kubectl label --overwrite node node-1 disk=ssd zone-', 'node/node-1 labeled'],
    ['k uncordon node-1', 'node/node-1 already uncordoned'],
  ])('%s', async (line, said) => {
    expect((await done(line)).said).toBe(said);
  });

  it.each([
    'kubectl get pods',
    'kubectl get pods -w | head',
    'kubectl delete pod --all',
    'kubectl delete pods -l app=web',
    'kubectl delete pod a --force',
    'kubectl delete pod $(kubectl get pods -o name)',
    'kubectl create deployment web --image=nginx -- sleep 5',
    'kubectl create deployment web --image=my_app',
    'kubectl create deployment web --image=nginx --dry-run=client',
    'kubectl create deployment web',
    'kubectl scale deployment web --replicas=many',
    'kubectl scale deployment web --replicas=3 && echo done',
    'kubectl scale pod a --replicas=2',
    'kubectl expose deployment web',
    'kubectl apply -f web.yaml',
    'kubectl label pod a b=c',
    'kubectl',
    'curl -s localhost',
    '# kubectl run box --image=busybox',
    '',
  ])('is only shown where it says more than this page can do: %s', (line) => {
    expect(commandOf(line)).toBeUndefined();
  });
});
