/** Validation of where a container sees its pod's volumes. Source: k8s.io/kubernetes/pkg/apis/core/validation, ValidateVolumeMounts. */

import { isSet, localPath, noBacksteps } from '../../../objects/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../objects/field-error.ts';
import type { Container, VolumeMount } from '../../../objects/generated/core-v1.gen.ts';
import { repeats } from '../../../objects/repeats.ts';
import type { Volumes } from './volumes.ts';

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const READ_ONLY_MODES = ['Disabled', 'Enabled', 'IfPossible'];
const BIND_OPTIONS = ['nodev', 'noexec', 'nosuid'];

function propagation(mount: VolumeMount, container: Container, field: string): FieldError[] {
  const mode = mount.mountPropagation;
  if (!isSet(mode)) return [];
  const errors = PROPAGATIONS.includes(mode) ? [] : [notSupported(field, mode, PROPAGATIONS)];
  if (mode === 'Bidirectional' && !container.securityContext?.privileged)
    errors.push(forbidden(field, 'Bidirectional mount propagation is available only to privileged containers'));
  return errors;
}

function recursiveReadOnly(mount: VolumeMount, field: string): FieldError[] {
  const mode = mount.recursiveReadOnly;
  if (!isSet(mode) || mode === 'Disabled') return [];
  if (!READ_ONLY_MODES.includes(mode)) return [notSupported(field, mode, READ_ONLY_MODES)];
  const errors: FieldError[] = [];
  if (!mount.readOnly) errors.push(forbidden(field, 'may only be specified when readOnly is true'));
  if (isSet(mount.mountPropagation) && mount.mountPropagation !== 'None')
    errors.push(forbidden(field, 'may only be specified when mountPropagation is None or not specified'));
  return errors;
}

function bindOptions(mount: VolumeMount, volumes: Volumes, field: string): FieldError[] {
  const options: string[] = mount.bindMountOptions ?? [];
  const errors: FieldError[] = [];
  const again = repeats(options);
  for (const [i, option] of options.entries()) {
    if (!BIND_OPTIONS.includes(option)) errors.push(notSupported(`${field}[${i}]`, option, BIND_OPTIONS));
    if (again[i]) errors.push(duplicate(`${field}[${i}]`, option));
  }
  if (options.length > 0 && volumes.get(mount.name)?.image)
    errors.push(invalid(field, options, 'bindMountOptions may not be used with image volumes'));
  return errors;
}

export function validateVolumeMounts(container: Container, volumes: Volumes, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const devices = container.volumeDevices ?? [];
  const deviceNames = new Set(devices.map((d) => d.name));
  const devicePaths = new Set(devices.map((d) => d.devicePath));
  const taken = new Set<string>();
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const path = `${field}[${i}]`;
    const { name = '', mountPath = '', subPath, subPathExpr } = mount;
    if (!name) errors.push(required(`${path}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${path}.name`, name));
    if (!mountPath) errors.push(required(`${path}.mountPath`));
    if (taken.has(mountPath)) errors.push(invalid(`${path}.mountPath`, mountPath, 'must be unique'));
    taken.add(mountPath);
    if (deviceNames.has(name)) errors.push(invalid(`${path}.name`, name, 'must not already exist in volumeDevices'));
    if (devicePaths.has(mountPath))
      errors.push(invalid(`${path}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    if (subPath) errors.push(...localPath(subPath, `${field}.subPath`));
    if (subPathExpr) {
      if (subPath)
        errors.push(invalid(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...localPath(subPathExpr, `${field}.subPathExpr`));
    }
    errors.push(...propagation(mount, container, `${field}.mountPropagation`));
    errors.push(...recursiveReadOnly(mount, `${field}.recursiveReadOnly`));
    errors.push(...bindOptions(mount, volumes, `${path}.bindMountOptions`));
  }
  return errors;
}

export function validateVolumeDevices(container: Container, volumes: Volumes, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const mounts = container.volumeMounts ?? [];
  const mountNames = new Set(mounts.map((m) => m.name));
  const mountPaths = new Set(mounts.map((m) => m.mountPath));
  const paths = new Set<string>();
  const names = new Set<string>();
  for (const [i, device] of (container.volumeDevices ?? []).entries()) {
    const path = `${field}[${i}]`;
    const { name = '', devicePath = '' } = device;
    const volume = volumes.get(name);
    if (!name) errors.push(required(`${path}.name`));
    if (names.has(name)) errors.push(invalid(`${path}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(
        invalid(
          `${path}.name`,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    if (!volume) errors.push(notFound(`${path}.name`, name));
    if (!devicePath) errors.push(required(`${path}.devicePath`));
    if (paths.has(devicePath)) errors.push(invalid(`${path}.devicePath`, devicePath, 'must be unique'));
    if (devicePath && noBacksteps(devicePath, path).length > 0)
      errors.push(invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mountNames.has(name)) errors.push(invalid(`${path}.name`, name, 'must not already exist in volumeMounts'));
    if (mountPaths.has(devicePath))
      errors.push(invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name) names.add(name);
  }
  return errors;
}
