/** The story of a pod, whoever owns it: all that history holds of it, from the request that began it to what came of it. */
import { describe, expect, it } from 'vitest';
import { applyJSONPatch } from '../../src/apiserver/patch/json-patch.ts';
import { storyOf } from '../../src/cluster/story.ts';
import { answerStory } from '../../src/cluster/story-answers.ts';
import { MAX_OWN_WRITES } from '../../src/cluster/story-life.ts';
import { objectNamed } from '../../src/cluster/story-objects.ts';
import type { Story, StoryWrite } from '../../src/objects/story.ts';
import { deployment, installMetricsServer } from './metrics-server.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const BATCH = '/apis/batch/v1/namespaces/default';
const MINUTE = 60_000;

const labels = { app: 'web' };
const podSpec = { containers: [{ name: 'c', image: 'nginx' }] };
const template = { metadata: { labels }, spec: podSpec };
const selector = { matchLabels: labels };
const once = {
  template: { spec: { containers: [{ name: 'c', image: 'busybox', command: ['true'] }], restartPolicy: 'Never' } },
};

type Maker = (sandbox: Sandbox) => Promise<unknown>;

const post =
  (path: string, body: object): Maker =>
  (sandbox) =>
    sandbox.request('POST', path, body);

const widget: Maker = async (sandbox) => {
  await sandbox.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'widgets', kind: 'Widget' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  sandbox.advance(MINUTE);
  const owner = await sandbox.request('POST', '/apis/example.com/v1/namespaces/default/widgets', {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
  });
  const { uid } = owner.metadata;
  const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid, controller: true }];
  await sandbox.request('POST', `${CORE}/pods`, { metadata: { name: 'of-widget', ownerReferences }, spec: podSpec });
};

const autoscaled: Maker = async (sandbox) => {
  await installMetricsServer(sandbox);
  const resources = { requests: { cpu: '100m' } };
  await sandbox.request('POST', `${APPS}/deployments`, deployment('web', 1, { resources }));
  await sandbox.request('POST', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers', {
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 4,
    },
  });
  sandbox.advance(5 * MINUTE);
};

const withClaims = {
  metadata: { name: 'web' },
  spec: {
    serviceName: 'web',
    replicas: 2,
    selector,
    template,
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  },
};

const apply: Maker = (sandbox) =>
  sandbox.respond(
    'PATCH',
    `${CORE}/pods/applied?fieldManager=me`,
    { 'content-type': 'application/apply-patch+yaml' },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'applied' }, spec: podSpec },
  );

const set = (replicas: number) => ({ metadata: { name: 'web' }, spec: { replicas, selector, template } });
const provisioner = { components: { 'local-path-provisioner': true } };

/** Each: what is made, and the resource that a client's request made first. */
const OWNERS: [string, string, Maker, object?][] = [
  ['a Deployment', 'deployments.apps', post(`${APPS}/deployments`, set(2))],
  [
    'a StatefulSet',
    'statefulsets.apps',
    post(`${APPS}/statefulsets`, { ...set(2), spec: { ...set(2).spec, serviceName: 'w' } }),
  ],
  ['a StatefulSet with claims', 'statefulsets.apps', post(`${APPS}/statefulsets`, withClaims), provisioner],
  [
    'a DaemonSet',
    'daemonsets.apps',
    post(`${APPS}/daemonsets`, { metadata: { name: 'web' }, spec: { selector, template } }),
  ],
  ['a Job', 'jobs.batch', post(`${BATCH}/jobs`, { metadata: { name: 'once' }, spec: once })],
  [
    'a CronJob',
    'cronjobs.batch',
    post(`${BATCH}/cronjobs`, {
      metadata: { name: 'often' },
      spec: { schedule: '* * * * *', jobTemplate: { spec: once } },
    }),
  ],
  ['a ReplicaSet', 'replicasets.apps', post(`${APPS}/replicasets`, set(3))],
  [
    'a ReplicationController',
    'replicationcontrollers',
    post(`${CORE}/replicationcontrollers`, {
      metadata: { name: 'web' },
      spec: { replicas: 2, selector: labels, template },
    }),
  ],
  ['nobody', 'pods', post(`${CORE}/pods`, { metadata: { name: 'bare' }, spec: podSpec })],
  ['nobody, applied', 'pods', apply],
  ['a Deployment that is scaled by itself', 'deployments.apps', autoscaled],
  ['a custom resource', 'widgets.example.com', widget],
];

function tell(sandbox: Sandbox, object: string, options = {}): Story {
  const { store, catalog } = sandbox.cluster;
  return storyOf(store, catalog, objectNamed(catalog, object)!, options)!;
}

const ownRevisions = ({ writes }: Story): number[] =>
  writes.filter(({ relation }) => relation === 'object').map(({ revision }) => revision);

/** Of a key, read as a watch reads it. */
const revisionsOf = ({ cluster: { store } }: Sandbox, key: string): number[] =>
  store.history({ key, startRevision: 1 }, { events: 10_000, bytes: 1e9 }).events.map(({ kv }) => kv.modRevision);

/** From one write back to the first that is known of what led to it. */
function origin(story: Story, write: StoryWrite): StoryWrite {
  const woken = write.by.kind === 'component' ? write.by.woken : undefined;
  const before = woken && story.writes.find(({ revision }) => revision === woken.revision);
  return before ? origin(story, before) : write;
}

describe.each(OWNERS)('the story of a pod of %s', (_, first, make, options) => {
  it('holds every write of it in order, and begins with what a client asked for', async () => {
    const sandbox = createSandbox(3, options);
    await make(sandbox);
    sandbox.advance(3 * MINUTE);
    const pods = (await sandbox.request('GET', `${CORE}/pods`)).items;
    expect(pods.length).toBeGreaterThan(0);
    for (const { metadata } of pods) {
      const story = tell(sandbox, `pods/default/${metadata.name}`);
      expect(ownRevisions(story)).toEqual(revisionsOf(sandbox, `/registry/pods/default/${metadata.name}`));
      expect(story).toMatchObject({ complete: true, cut: false, object: { uid: metadata.uid } });
      const revisions = story.writes.map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      expect(story.writes.filter(({ by }) => by.kind === 'unknown')).toEqual([]);
      const made = story.writes.find(({ by, object }) => by.kind === 'client' && object.resource === first);
      expect(made, 'the request that began it').toMatchObject({ verb: 'create', by: { user: 'admin' } });
      const own = story.writes.filter(({ relation }) => relation === 'object');
      expect(made!.revision).toBeLessThanOrEqual(own[0]!.revision);
      // What is written for an instant, or for a request, has nothing before it.
      for (const write of own) expect(['client', 'component']).toContain(origin(story, write).by.kind);
      const who = own.map(({ by }) => (by.kind === 'component' ? by.name : by.kind));
      expect(who).toContain('kubelet');
      expect(who.includes('default-scheduler')).toBe(true);
      expect(sandbox.errors).toEqual([]);
    }
  });
});

const web = async (options = {}): Promise<Sandbox> => {
  const sandbox = createSandbox(3, options);
  await sandbox.request('POST', `${APPS}/deployments`, set(1));
  sandbox.advance(MINUTE);
  return sandbox;
};

const podOf = async (sandbox: Sandbox): Promise<any> => (await sandbox.request('GET', `${CORE}/pods`)).items[0];

describe('a story', () => {
  it('goes from the request over each controller to the node, and back', async () => {
    const sandbox = await web();
    const { metadata, status } = await podOf(sandbox);
    const story = tell(sandbox, `po/default/${metadata.name}`);
    const told = story.writes.map(({ relation, verb, object, by }) => {
      const author = by.kind === 'component' ? by.name : by.kind;
      return `${author} ${verb} ${object.resource} (${relation})`;
    });
    const expected = [
      'client create deployments.apps (cause)',
      'deployment-controller create replicasets.apps (cause)',
      'replicaset-controller create pods (object)',
      'default-scheduler update pods (object)',
      'kubelet update pods (object)',
      'replicaset-controller update replicasets.apps (consequence)',
    ];
    expect(told.filter((line, i) => expected.includes(line) && told.indexOf(line) === i)).toEqual(expected);
    const calls = story.writes.flatMap((write) => write.calls ?? []).map(({ to, text }) => `${to} ${text}`);
    expect(calls).toEqual([
      'containerd RunPodSandbox',
      'CNI ADD eth0',
      `containerd the pod has ${status.podIP}`,
      'containerd CreateContainer c',
      'containerd StartContainer c',
    ]);
  });

  it('says of each write what it changed, so that all of them together make what there is', async () => {
    const sandbox = await web();
    const { metadata } = await podOf(sandbox);
    const story = tell(sandbox, `pods/default/${metadata.name}`, { managedFields: true });
    let object: any;
    for (const { relation, verb, diff } of story.writes)
      if (relation === 'object')
        object = verb === 'create' ? (diff as { value: unknown }[])[0]!.value : applyJSONPatch(object, diff!);
    const now = await sandbox.request('GET', `${CORE}/pods/${metadata.name}`);
    delete now.metadata.resourceVersion;
    expect(object).toEqual(now);
    const without = tell(sandbox, `pods/default/${metadata.name}`);
    expect(JSON.stringify(without)).not.toContain('managedFields');
  });

  it('has the end of the pod, and what its node did then', async () => {
    const sandbox = await web();
    const { metadata } = await podOf(sandbox);
    await sandbox.request('DELETE', `${CORE}/pods/${metadata.name}`);
    sandbox.advance(MINUTE);
    const story = tell(sandbox, `pods/default/${metadata.name}`);
    expect(story.complete).toBe(true);
    expect(ownRevisions(story)).toEqual(revisionsOf(sandbox, `/registry/pods/default/${metadata.name}`));
    const last = story.writes.findLast(({ relation }) => relation === 'object')!;
    expect(last).toMatchObject({ verb: 'delete', diff: [{ op: 'remove', path: '' }], by: { name: 'kubelet' } });
    expect(last.calls?.map(({ text }) => text)).toEqual(['StopPodSandbox', 'DEL eth0', 'RemovePodSandbox']);
    const asked = story.writes.filter(({ by }) => by.kind === 'client').map(({ by }) => 'method' in by && by.method);
    expect(asked).toEqual(['POST', 'DELETE']);
  });

  it('is of one life, where several objects had the name', async () => {
    const sandbox = createSandbox(3);
    const pod = { metadata: { name: 'again' }, spec: podSpec };
    const lives = [];
    for (let i = 0; i < 2; i++) {
      const { metadata } = await sandbox.request('POST', `${CORE}/pods`, pod);
      lives.push(metadata);
      sandbox.advance(MINUTE);
      await sandbox.request('DELETE', `${CORE}/pods/again`);
      sandbox.advance(MINUTE);
    }
    const [first, second] = [
      tell(sandbox, 'pods/default/again', { at: Number(lives[0].resourceVersion) }),
      tell(sandbox, 'pods/default/again'),
    ];
    expect([first.object.uid, second.object.uid]).toEqual(lives.map(({ uid }) => uid));
    const all = revisionsOf(sandbox, '/registry/pods/default/again');
    expect([...ownRevisions(first), ...ownRevisions(second)]).toEqual(all);
  });

  it('is kept over the end of the process, and goes with what is compacted', async () => {
    const sandbox = await web();
    const { metadata } = await podOf(sandbox);
    const story = tell(sandbox, `pods/default/${metadata.name}`);
    sandbox.evict();
    expect(tell(sandbox, `pods/default/${metadata.name}`)).toEqual(story);
    sandbox.cluster.store.compact(sandbox.cluster.store.revision);
    const left = tell(sandbox, `pods/default/${metadata.name}`);
    expect(left.complete).toBe(false);
    expect(ownRevisions(left)).toEqual([Number(metadata.resourceVersion)]);
  });

  it('comes in parts where the object was written too often for one', async () => {
    const sandbox = createSandbox(0);
    const { store } = sandbox.cluster;
    const value = (i: number) =>
      JSON.stringify({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { name: 'm', namespace: 'default' },
        data: { i },
      });
    for (let i = 0; i < MAX_OWN_WRITES; i++) store.put({ key: '/registry/configmaps/default/m', value: value(i) });
    const whole = tell(sandbox, 'cm/default/m');
    expect([whole.before, ownRevisions(whole).length, whole.complete]).toEqual([undefined, MAX_OWN_WRITES, true]);
    store.put({ key: '/registry/configmaps/default/m', value: value(-1) });
    const part = tell(sandbox, 'cm/default/m');
    expect([part.before, ownRevisions(part).length, part.complete]).toEqual([
      ownRevisions(part)[0],
      MAX_OWN_WRITES,
      false,
    ]);
    expect(ownRevisions(tell(sandbox, 'cm/default/m', { before: part.before }))).toEqual([ownRevisions(whole)[0]]);
  });

  it('tells no values of Secrets', async () => {
    const sandbox = createSandbox(0);
    const secret = { metadata: { name: 's', annotations: { a: 'aGlkZGVu' } }, data: { password: 'aGlkZGVu' } };
    await sandbox.request('POST', `${CORE}/secrets`, secret);
    const story = tell(sandbox, 'secrets/default/s');
    expect(JSON.stringify(story)).toContain('password');
    expect(JSON.stringify(story)).not.toContain('aGlkZGVu');
  });

  it('is told by a cluster that keeps causes, of objects that history has', async () => {
    const sandbox = await web();
    const ask = (object: string) => answerStory(sandbox.cluster, { what: 'story', object });
    expect(ask('pods/default/none')).toHaveProperty('unknown');
    expect(ask('pods/none')).toHaveProperty('unknown');
    expect(ask('nothings/default/a')).toHaveProperty('unknown');
    expect(ask('deploy/default/web')).toHaveProperty('text');
    expect(ask('nodes/node-1')).toHaveProperty('text');
    const without = await web({ causes: false });
    expect(answerStory(without.cluster, { what: 'story', object: 'deploy/default/web' })).toEqual({ off: true });
  });
});

describe('what changed', () => {
  it('is told between two revisions, and of the last change unless said otherwise', async () => {
    const sandbox = await web();
    const at = (await sandbox.request('GET', `${APPS}/deployments/web`)).metadata.resourceVersion;
    await sandbox.request('PATCH', `${APPS}/deployments/web`, { metadata: { annotations: { a: 'b' } } });
    const ask = (more: object) => {
      const answer = answerStory(sandbox.cluster, { what: 'diff', object: 'deployments.apps/default/web', ...more });
      return 'text' in answer ? JSON.parse(answer.text) : answer;
    };
    const last = { op: 'add', path: '/metadata/annotations/a', value: 'b' };
    expect(ask({}).diff).toContainEqual(last);
    expect(ask({ from: Number(at) }).from).toBe(Number(at));
    expect(ask({ from: Number(at) }).diff).toEqual([{ op: 'replace', path: '/metadata/generation', value: 2 }, last]);
    expect(ask({ from: Number(at), to: Number(at) }).diff).toEqual([]);
    expect(ask({ to: 1e9 })).toHaveProperty('gone');
    expect(ask({ from: 1, to: 2 })).toHaveProperty('unknown');
  });

  it('is told of all commits in order, with who made them', async () => {
    const sandbox = await web();
    const ask = (from: number, limit: number): any[] => {
      const answer = answerStory(sandbox.cluster, { what: 'commits', from, limit });
      return 'text' in answer
        ? answer.text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [];
    };
    const all = ask(2, 1000);
    expect(all.map(({ revision }) => revision)).toEqual(
      Array.from({ length: sandbox.cluster.store.revision - 1 }, (_, i) => i + 2),
    );
    expect(all[0].by).toEqual({ kind: 'cluster' });
    expect(all.map(({ by }) => by.kind)).not.toContain('unknown');
    expect(ask(10, 3)).toEqual(all.slice(8, 11));
  });
});
