/**
 * What is particular to a kind, as data and small functions: the request path in apiserver/ does all the rest.
 * A kind without an entry gets the generic behaviour. Source: k8s.io/kubernetes/pkg/registry/<group>/<kind>/strategy.go.
 */
import type { FieldError } from '../objects/field-error.ts';
import type { NameRule } from '../objects/names.ts';
import type { KubeObject, View } from '../objects/object.ts';

/** What a stage may know of its request; everything that varies is data, so the stages stay pure. */
export interface StageContext {
  /** RFC 3339 to the second, the cluster's own time. */
  now: string;
  /** A fresh name suffix or uid from the cluster's seed: see simulation/random.ts. */
  random: { suffix(length: number): string; uid(): string; integer(below: number): number };
  namespace?: string;
  /** The name in the request's path; absent for a create by POST. */
  name?: string;
  /** Objects that the strategy's `reads` asked for. */
  view: View;
  serviceCIDR: string;
  nodePortRange: [number, number];
  /** As `--disable-admission-plugins` names them. */
  disabledAdmissionPlugins?: readonly string[] | undefined;
  /** What `examine` found of a new object. */
  examined?: FieldError[];
  /** `status`, `scale`, `binding`…; absent for the object itself. */
  subresource?: string;
  dryRun: boolean;
  /** The object is stored as its creation left it. */
  untouched?: boolean;
  /** Who asks; absent for the cluster's own components. */
  requester?: { user: string; uid?: string; groups: string[]; extra?: Record<string, string[]> };
  /** Writes what a quota is charged in one commit with the object. */
  charge?(quota: KubeObject): void;
  /** Adds a `Warning: 299` header that depends on more than the object. */
  warn?(text: string): void;
}

/** A resource that a stage needs to read: one object, one namespace, or all. */
export interface Read {
  resource: string;
  namespace?: string;
  name?: string;
}

export interface Strategy {
  /** Fill in defaults, in place: on decoding, and on what a patch or an apply made. Idempotent. */
  defaults?(object: KubeObject): void;
  /** What `admit` and the stages after it want to see of other objects. */
  reads?(object: KubeObject, operation: 'create' | 'update' | 'delete', namespace?: string): Read[];
  /** Whether admission asks what the requester may do: then the view also holds the roles and bindings, unless he may do anything. */
  asksPolicy?: boolean;
  /** What of a new object takes its time to check, such as a signature: before anything is read or decided. Never throws. */
  examine?(object: KubeObject): Promise<FieldError[]>;
  /** Clear what a client may not set, set generation… in place. The generic part resets `status` when there is a status subresource. */
  prepareForCreate?(object: KubeObject, context: StageContext): void;
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StageContext): void;
  /** Built-in admission that changes or refuses (e.g. ServiceAccount, Priority, address allocation). Throws `StatusError`. */
  admit?(object: KubeObject, old: KubeObject | undefined, context: StageContext): void;
  /** Built-in admission that only refuses (quota, bounds, PodSecurity): it sees the object as it would be stored. Throws `StatusError`. */
  review?(object: KubeObject, old: KubeObject | undefined, context: StageContext): void;
  /** In the real order: causes are compared in order. Metadata is validated by the generic part first. */
  validate?(object: KubeObject, context: StageContext): FieldError[];
  /** On update in place of `validate`: should call it where the real one does. */
  validateUpdate?(object: KubeObject, old: KubeObject, context: StageContext): FieldError[];
  validateStatusUpdate?(object: KubeObject, old: KubeObject, context: StageContext): FieldError[];
  /** Texts for `Warning: 299` headers. */
  warnings?(object: KubeObject, old: KubeObject | undefined): string[];
  /** How names are checked; the default is a DNS-1123 subdomain. */
  nameRule?: NameRule;
  /**
   * Where a kind's metadata is checked by other rules than most: `plain` without a look at what finalizers there may be, `own` by the
   * kind itself in `validate`, as far as it does; once that finds nothing wrong, what must hold of any object is looked at.
   */
  metadataRules?: 'plain' | 'own';
  /** Whether PUT on a missing object creates it (AllowCreateOnUpdate). */
  allowCreateOnUpdate?: boolean;
  /** Whether an update without resourceVersion is accepted (AllowUnconditionalUpdate); true unless said. */
  allowUnconditionalUpdate?: boolean;
  /** Whether a new object may come with a status; nodes do. */
  keepsStatusOnCreate?: boolean;
  /** Whether a write of the status leaves labels, annotations, owners and finalizers as they are; with most kinds it may change them. */
  statusKeepsMetadata?: boolean;
  /** Whether metadata.generation counts changes of the spec; true for kinds with status unless said. */
  hasGeneration?: boolean;
  /** Fields a fieldSelector may name besides metadata.name and metadata.namespace, with their value for this object. */
  selectableFields?(object: KubeObject): Record<string, string>;
  /** Seconds that a deletion waits, when so many are asked for or none are said; absent: it is immediate (pods have one). */
  gracePeriodSeconds?(object: KubeObject, asked?: number): number;
  /** Default propagation when the client says none ('orphan' for old kinds such as replicationcontrollers v1). */
  defaultPropagation?: 'Background' | 'Orphan';
  /**
   * Whether reading completes what a creation stored: then the first update writes even when it changes nothing that can be seen.
   * The real server compares with the bytes that it stored, which a default of a later stage is not among.
   */
  completedByReading?(object: KubeObject): boolean;
}
