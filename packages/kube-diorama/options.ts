/** What a cluster is made with: the body of `POST /v1/clusters`, as the README of Diorama describes it. All of it is optional. */
export interface ClusterOptions {
  name?: string;
  /** How many nodes (3 by default), or the nodes one by one. */
  nodes?: number | NodeOptions[];
  /** `api`: an API server and what it cannot do without; `no-kubelet`: all but what runs pods; `envtest`: an API server alone. */
  profile?: 'full' | 'api' | 'no-kubelet' | 'envtest';
  /** Objects to begin with, in their order: YAML of one or many documents, or a list of objects and such texts. */
  manifests?: string | (string | object)[];
  /** Parts on or off by name, e.g. `{"deployment-controller": false}`. */
  components?: Record<string, boolean>;
  /** How containers behave; the first rule that says something counts. */
  behaviours?: { match: Record<string, unknown>; ready?: boolean; pace?: 'realistic'; [more: string]: unknown }[];
  /** Where webhooks of the cluster may be called: https URLs, each with what lies below it. */
  webhooks?: { allow: string[] };
  /** The same seed and the same requests give the same names, UIDs and addresses. */
  seed?: string | number;
  clock?: {
    /** RFC 3339; now by default. */
    start?: string;
    /** Times real time. */
    speed?: number;
    paused?: boolean;
  };
  serviceCIDR?: string;
  podCIDR?: string;
  /** Seconds until the cluster is gone; a day by default. */
  ttl?: number;
}

export interface NodeOptions {
  name: string;
  /** Amounts as in Kubernetes: `{"cpu": "2", "memory": "4Gi"}`. */
  capacity?: Record<string, string>;
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[];
}

/** How a cluster's time goes. Times are RFC 3339. */
export interface ClockState {
  time: string;
  speed: number;
  paused: boolean;
  /** Whether no step is under way. */
  done: boolean;
  /** Whether nothing is left to be done at this time. */
  settled: boolean;
  /** How far the last step has come, and where it goes to. */
  reached?: string;
  target?: string;
}

/** What can be done with a cluster, wherever it runs. Paths are those of the Kubernetes API: `/api/v1/namespaces/default/pods`. */
export interface ClusterClient {
  /** As the global `fetch`, with the token of the cluster's admin unless the request has another. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** JSON there and back. A PATCH is a merge patch unless `contentType` says otherwise. @throws ApiError for what is no success */
  request<T = any>(method: string, path: string, body?: unknown, contentType?: string): Promise<T>;
  clock(): Promise<ClockState>;
  /** Goes forward by so many seconds, and does what is due on the way, each at its own instant. */
  advance(seconds: number): Promise<ClockState>;
  delete(): Promise<void>;
}
