import { describe, expect, it } from 'vitest';
import { templateHash } from './template-hash.ts';

const defaults = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
};

describe('the hash of a pod template', () => {
  it('is the one that a real cluster gives', () => {
    const container = {
      name: 'c',
      image: 'busybox:1.36',
      command: ['sleep', '3600'],
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    };
    const spec = { ...defaults, containers: [container], terminationGracePeriodSeconds: 0 };
    expect(templateHash({ metadata: { labels: { app: 'a' } }, spec })).toBe('54fc4d488d');
  });

  it('counts in volumes, probes, quantities, affinity and whatever else a template may have', () => {
    expect(templateHash(RICH)).toBe('885b5898b');
  });
});

const RICH = {
  metadata: { labels: { app: 'a', b: 'c' }, annotations: { 'x/y': 'z w' } },
  spec: {
    volumes: [
      { name: 'v', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'cm', configMap: { name: 'm', defaultMode: 420, items: [{ key: 'a', path: 'b' }] } },
    ],
    initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', resources: {} }],
    containers: [
      {
        name: 'c',
        image: 'busybox:1.36',
        command: ['sleep', '3600'],
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        env: [
          { name: 'A', value: 'b' },
          { name: 'B', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
        ],
        resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '0.25', memory: '64Mi' } },
        livenessProbe: { httpGet: { path: '/', port: 'http', scheme: 'HTTP' }, timeoutSeconds: 1 },
        readinessProbe: { tcpSocket: { port: 80 } },
        securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    nodeSelector: { z: '1', a: '2' },
    securityContext: {},
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: {
              labelSelector: {
                matchLabels: { a: 'b' },
                matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }],
              },
              topologyKey: 't',
            },
          },
        ],
      },
    },
    schedulerName: 'default-scheduler',
    tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: 300 }],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }],
  },
};
