/**
 * Fields whose features are off in this version: they are taken and forgotten, once who sent them is noted.
 * Source: k8s.io/kubernetes/pkg/api/pod/util.go, the strategies' dropDisabledFields, and pkg/features.
 */

import type { KubeObject } from '../objects/object.ts';
import type { Kind } from './kinds.ts';

function forgetHandler(handler: any): void {
  if (handler?.httpGet) delete handler.httpGet.protocol;
  if (handler?.grpc) delete handler.grpc.mode;
}

function forgetInContainer(container: any): void {
  const { lifecycle } = container;
  if (lifecycle) {
    forgetHandler(lifecycle.postStart);
    forgetHandler(lifecycle.preStop);
    if (lifecycle.stopSignal !== undefined) {
      delete lifecycle.stopSignal;
      if (!lifecycle.postStart && !lifecycle.preStop) delete container.lifecycle;
    }
  }
  forgetHandler(container.livenessProbe);
  forgetHandler(container.readinessProbe);
  forgetHandler(container.startupProbe);
  if (container.volumeMounts) for (const mount of container.volumeMounts) delete mount.bindMountOptions;
}

/** Owners of single files. */
function forgetUsers(source: any): void {
  if (!source) return;
  delete source.defaultUser;
  delete source.user;
  for (const item of source.items ?? []) delete item.user;
}

function forgetInVolume(volume: any): void {
  if (volume.emptyDir) delete volume.emptyDir.mode;
  forgetUsers(volume.secret);
  forgetUsers(volume.configMap);
  forgetUsers(volume.downwardAPI);
  if (!volume.projected) return;
  forgetUsers(volume.projected);
  for (const projection of volume.projected.sources ?? [])
    for (const key of Object.keys(projection)) forgetUsers(projection[key]);
}

function forgetInPod(spec: any): void {
  if (!spec) return;
  delete spec.schedulingGroup;
  delete spec.evictionResponders;
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers])
    if (list) for (const container of list) forgetInContainer(container);
  if (spec.volumes) for (const volume of spec.volumes) forgetInVolume(volume);
}

function forgetInJob(spec: any): void {
  if (!spec) return;
  delete spec.scheduling;
  forgetInPod(spec.template?.spec);
}

/** Takes them out of an object that is to be stored, in place. */
export function dropDisabledFields({ name }: Pick<Kind, 'name'>, { spec, template }: KubeObject): void {
  switch (name) {
    case 'pods':
      forgetInPod(spec);
      return;
    case 'podtemplates':
      forgetInPod(template?.spec);
      return;
    case 'jobs.batch':
      forgetInJob(spec);
      return;
    case 'cronjobs.batch':
      forgetInJob(spec?.jobTemplate?.spec);
      return;
    case 'daemonsets.apps':
    case 'deployments.apps':
    case 'replicasets.apps':
    case 'replicationcontrollers':
    case 'statefulsets.apps':
      forgetInPod(spec?.template?.spec);
  }
}
