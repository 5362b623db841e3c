/** Defaults of pods and of what contains pod templates. Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go. */

import { isSet } from '../../../objects/field-checks.ts';
import type {
  Container,
  DownwardAPIVolumeFile,
  HTTPGetAction,
  ObjectFieldSelector,
  Pod,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
  Probe,
  Volume,
} from '../../../objects/generated/core-v1.gen.ts';
import { own } from '../../../objects/own.ts';

const ALL_READ = 420;
const TOKEN_SECONDS = 3600;

const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

/** Source: github.com/distribution/reference. */
const REFERENCE = new RegExp(`^(?:${HOST}/)?${PART}(?:/${PART})*(?::(\\w[\\w.-]{0,127}))?(?:@(${DIGEST}))?$`);

/** No name, tag and digest together are longer. */
export const REFERENCE_MAX = 1024;

/** What looks like an image's own id is no reference. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

/** A reference's tag, `latest` when it has neither tag nor digest; '' when it can't be read. */
export function imageTag(image: string): string {
  const parts = image.length > REFERENCE_MAX || IMAGE_ID.test(image) ? null : REFERENCE.exec(image);
  if (!parts) return '';
  return parts[1] ?? (parts[2] ? '' : 'latest');
}

const pullPolicy = (image: string | undefined): string =>
  imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent';

function defaultFieldRef(ref: ObjectFieldSelector | undefined): void {
  if (ref) ref.apiVersion ||= 'v1';
}

function defaultHTTPGet(action: HTTPGetAction | undefined): void {
  if (!action) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHTTPGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultContainer(container: Container): void {
  if (container.env)
    for (const variable of container.env) if (variable.valueFrom) defaultFieldRef(variable.valueFrom.fieldRef);
  if (container.ports) for (const port of container.ports) port.protocol ||= 'TCP';
  container.resources ??= {};
  if (container.livenessProbe) defaultProbe(container.livenessProbe);
  if (container.readinessProbe) defaultProbe(container.readinessProbe);
  if (container.startupProbe) defaultProbe(container.startupProbe);
  if (container.lifecycle) {
    defaultHTTPGet(container.lifecycle.postStart?.httpGet);
    defaultHTTPGet(container.lifecycle.preStop?.httpGet);
  }
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.imagePullPolicy ||= pullPolicy(container.image);
}

function defaultDownwardItems(source: { items?: DownwardAPIVolumeFile[] | undefined } | undefined): void {
  for (const item of source?.items ?? []) defaultFieldRef(item.fieldRef);
}

/** An empty volume is an emptyDir; `source` counts what it names besides. */
function defaultVolume(volume: Volume): void {
  let sources = 0;
  for (const key in volume) if (key !== 'name' && isSet(own(volume, key))) sources++;
  if (sources === 0) volume.emptyDir = {};
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= ALL_READ;
  if (volume.configMap) volume.configMap.defaultMode ??= ALL_READ;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= ALL_READ;
    defaultDownwardItems(volume.downwardAPI);
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= ALL_READ;
    for (const source of volume.projected.sources ?? []) {
      defaultDownwardItems(source.downwardAPI);
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= TOKEN_SECONDS;
    }
  }
  defaultBlockVolume(volume);
  if (volume.ephemeral?.volumeClaimTemplate) {
    const template = volume.ephemeral.volumeClaimTemplate;
    template.metadata ??= {};
    template.spec ??= {};
    template.spec.volumeMode ||= 'Filesystem';
    template.spec.resources ??= {};
  }
  if (volume.image) volume.image.pullPolicy ||= pullPolicy(volume.image.reference);
}

/** The kinds of disks that pods and PersistentVolumes share. */
// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
export function defaultBlockVolume(volume: any): void {
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd';
    volume.rbd.user ||= 'admin';
    volume.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned';
    volume.scaleIO.fsType ||= 'xfs';
  }
}

/** A pod's spec, alone or in a template. */
export function defaultPodSpec(spec: PodSpec): void {
  if (spec.volumes) for (const volume of spec.volumes) defaultVolume(volume);
  if (spec.initContainers) for (const container of spec.initContainers) defaultContainer(container);
  if (spec.containers) for (const container of spec.containers) defaultContainer(container);
  if (spec.ephemeralContainers) for (const container of spec.ephemeralContainers) defaultContainer(container);
  if (spec.serviceAccountName || spec.serviceAccount) {
    spec.serviceAccountName ||= spec.serviceAccount;
    spec.serviceAccount = spec.serviceAccountName;
  }
  spec.restartPolicy ||= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
}

/** A template without a spec gets one: in Go it is never absent. */
export function defaultPodTemplate(owner: { template?: PodTemplateSpec | undefined }): void {
  const template = owner.template ?? ({} as PodTemplateSpec);
  owner.template = template;
  template.metadata ??= {};
  template.spec ??= {} as PodSpec;
  defaultPodSpec(template.spec);
}

function requestsFromLimits(containers: Container[] | undefined): void {
  for (const container of containers ?? []) {
    const limits = container.resources?.limits;
    if (!limits) continue;
    container.resources!.requests ??= {};
    for (const name in limits) container.resources!.requests[name] ??= limits[name]!;
  }
}

function hostPorts(containers: Container[] | undefined): void {
  for (const container of containers ?? [])
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}

/** What only pods themselves get, not templates. */
export function defaultPod(pod: Pod): void {
  pod.spec ??= {} as PodSpec;
  const spec = pod.spec;
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  defaultPodSpec(spec);
  requestsFromLimits(spec.containers);
  requestsFromLimits(spec.initContainers);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    hostPorts(spec.containers);
    hostPorts(spec.initContainers);
  }
  defaultPodAddresses(pod.status);
}

/** `podIP` and the first of `podIPs` are one thing. */
function defaultPodAddresses(status: PodStatus | undefined): void {
  if (!status) return;
  const first = status.podIPs?.[0]?.ip;
  if (status.podIP && status.podIP !== first) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && first) status.podIP = first;
}
