/** Clusters for tests, from Vitest, Jest, node:test or any other. */
export { type Cluster, type CreateOptions, createCluster } from './cluster.ts';
export { createInProcess, type InProcessCluster } from './in-process.ts';
export type { ClockState, ClusterClient, ClusterOptions, NodeOptions } from './options.ts';
export { ApiError } from './requests.ts';
export { type Server, type ServerOptions, startServer } from './server.ts';
export { waitUntilSettled } from './settled.ts';
