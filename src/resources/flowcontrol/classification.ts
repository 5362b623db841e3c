/**
 * By which FlowSchema a request is counted, and at which priority level. Nothing here waits for its turn by them; clients are told.
 * Models k8s.io/apiserver/pkg/util/flowcontrol (rule.go, and digestConfigObjects of apf_controller.go).
 */
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from '../../objects/generated/flowcontrol-v1.gen.ts';
import type { Attributes } from '../rbac/authorizer.ts';

/** What decides of a schema, in the order in which they are asked. */
export interface Flow {
  schema: string;
  level: string;
  rules: PolicyRulesWithSubjects[];
}

const PRECEDENCE = 1000;
/** The last of all, whatever it says of itself. */
const CATCH_ALL = 'catch-all';

/** Of each schema whose level is there; uids. */
export function flowsOf(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): Flow[] {
  const uids = new Map(levels.map(({ metadata }) => [metadata.name, metadata.uid ?? '']));
  const last = ({ metadata }: FlowSchema): number => (metadata.name === CATCH_ALL ? 1 : 0);
  const precedence = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? PRECEDENCE;
  return [...schemas]
    .sort((a, b) => last(a) - last(b) || precedence(a) - precedence(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap(({ metadata, spec }) => {
      const level = uids.get(spec?.priorityLevelConfiguration?.name ?? '');
      return level === undefined ? [] : [{ schema: metadata.uid ?? '', level, rules: spec?.rules ?? [] }];
    });
}

export interface Requester {
  user: string;
  groups: readonly string[];
}

/** The first schema that the request matches. */
export const flowOf = (flows: readonly Flow[], who: Requester, asked: Attributes): Flow | undefined =>
  flows.find(({ rules }) => rules.some((rule) => matches(rule, who, asked)));

const matches = (rule: PolicyRulesWithSubjects, who: Requester, asked: Attributes): boolean =>
  (rule.subjects ?? []).some((subject) => isSubject(subject, who)) &&
  (asked.path === undefined
    ? (rule.resourceRules ?? []).some((r) => matchesResource(r, asked))
    : (rule.nonResourceRules ?? []).some((r) => matchesPath(r, asked)));

const SERVICE_ACCOUNT = 'system:serviceaccount:';

function isSubject({ user, group, serviceAccount }: Subject, who: Requester): boolean {
  if (user) return user.name === '*' || user.name === who.user;
  if (group) return group.name === '*' || who.groups.includes(group.name);
  if (!serviceAccount || !who.user.startsWith(SERVICE_ACCOUNT)) return false;
  const [namespace, name] = who.user.slice(SERVICE_ACCOUNT.length).split(':');
  return namespace === serviceAccount.namespace && (serviceAccount.name === '*' || serviceAccount.name === name);
}

const has = (list: readonly string[] | null | undefined, wanted: string): boolean =>
  list?.some((each) => each === '*' || each === wanted) ?? false;

function matchesResource(
  rule: ResourcePolicyRule,
  { verb, group, resource, subresource, namespace }: Extract<Attributes, { path?: undefined }>,
): boolean {
  const whole = subresource ? `${resource}/${subresource}` : resource;
  if (!has(rule.verbs, verb) || !has(rule.resources, whole) || !has(rule.apiGroups, group)) return false;
  return namespace ? has(rule.namespaces, namespace) : rule.clusterScope === true;
}

const matchesPath = (rule: NonResourcePolicyRule, { verb, path }: { verb: string; path: string }): boolean =>
  has(rule.verbs, verb) &&
  (rule.nonResourceURLs ?? []).some((url) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path));
