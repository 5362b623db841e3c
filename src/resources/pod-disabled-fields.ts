/**
 * Fields whose features are off in this version: they are taken and forgotten, as the API server does.
 * Source: k8s.io/kubernetes/pkg/api/pod/util.go and pkg/features.
 */

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

/** Of a pod or a template. */
export function dropDisabledFields(spec: any): void {
  delete spec.schedulingGroup;
  delete spec.evictionResponders;
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers])
    if (list) for (const container of list) forgetInContainer(container);
  if (spec.volumes) for (const volume of spec.volumes) forgetInVolume(volume);
}
