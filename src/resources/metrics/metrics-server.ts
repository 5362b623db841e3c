/** Who answers for `metrics.k8s.io`: a metrics-server in the cluster, of which its program is simulated. */
import { conditionOf } from '../../objects/conditions.ts';
import type { APIService } from '../../objects/generated/apiregistration-v1.gen.ts';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';

export const METRICS_GROUP = 'metrics.k8s.io';
export const METRICS_VERSION = 'v1beta1';
/** The name of its APIService. */
export const METRICS_API = `${METRICS_VERSION}.${METRICS_GROUP}`;

/** As its releases, and those who build it anew, call it. */
const IMAGE = /(^|\/)metrics-server([:@/]|$)/;

/** Whether it is one of the group's that is served here once its server is there. */
export const isMetricsAPI = ({ spec }: Pick<APIService, 'spec'>): boolean =>
  spec.service !== undefined && spec.group === METRICS_GROUP && spec.version === METRICS_VERSION;

export const isMetricsServer = ({ spec }: Pod): boolean =>
  spec!.containers.some(({ image }) => IMAGE.test(image ?? ''));

/** Whether metrics are served, as the APIService of that name says. */
export const hasMetrics = (service: APIService | undefined): boolean =>
  service !== undefined && isMetricsAPI(service) && conditionOf(service, 'Available')?.status === 'True';
