/**
 * Says of each definition which of its names it may have: those that no other of its group had before.
 * models k8s.io/apiextensions-apiserver/pkg/controller/status/naming_controller.go
 */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { sameData, sameValue } from '../../objects/equality.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../objects/generated/apiextensions-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';
import {
  conditionIn,
  DEFINITIONS,
  DEFINITIONS_MANAGER,
  holds,
  statusWrite,
  withConditions,
} from './custom-resource-definitions.ts';

/** `definitions`: all that there are at the moment; what they say of schemas is of no account. */
export const crdNamingController = (definitions: () => readonly CustomResourceDefinition[]): ClusterReconciler => ({
  name: 'crd_naming_condition_controller',
  manager: DEFINITIONS_MANAGER,
  reads: [],
  watches: [
    {
      resource: DEFINITIONS,
      keys({ old, new: definition }) {
        const { name } = (definition ?? old)!.metadata;
        // Others may get the names that are given back.
        const group = name.slice(name.indexOf('.') + 1);
        const waiting = definitions().filter(
          (other) => other.spec.group === group && other.metadata.name !== name && !holds(other, 'NamesAccepted'),
        );
        return [name, ...waiting.map((other) => other.metadata.name)];
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const definition = reader.get(DEFINITIONS, undefined, name);
    if (!definition?.spec) return { writes: [] };
    const accepted = definition.status?.acceptedNames ?? EMPTY;
    if (sameData(definition.spec.names, accepted)) return { writes: [] };
    const taken = takenNames(definitions(), definition);
    const { names, conflict } = acceptedNames(definition.spec.names, accepted, taken);
    const condition = conflict ?? NO_CONFLICTS;
    const before = conditionIn(definition, 'NamesAccepted');
    if (sameValue(names, accepted) && before && sameSaid(before, condition)) return { writes: [] };
    const renamed = { ...definition, status: { ...definition.status, acceptedNames: names } };
    const established = establishedAfter(definition, conflict === undefined);
    return { writes: [statusWrite(withConditions(renamed, now, condition, established))] };
  },
});

type Condition = Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;

const EMPTY: CustomResourceDefinitionNames = { plural: '', kind: '' };

const NO_CONFLICTS: Condition = {
  type: 'NamesAccepted',
  status: 'True',
  reason: 'NoConflicts',
  message: 'no conflicts found',
};

const sameSaid = (a: Condition, b: Condition): boolean =>
  a.status === b.status && a.reason === b.reason && a.message === b.message;

interface Taken {
  resources: ReadonlySet<string>;
  kinds: ReadonlySet<string>;
}

/** Its own among them, as everywhere what one has already is no conflict. */
function takenNames(all: readonly CustomResourceDefinition[], { spec }: CustomResourceDefinition): Taken {
  const names = all.filter((other) => other.spec.group === spec.group).map((other) => other.status?.acceptedNames);
  return {
    resources: new Set(names.flatMap((n) => (n ? [n.plural, n.singular ?? '', ...(n.shortNames ?? [])] : []))),
    kinds: new Set(names.flatMap((n) => (n ? [n.kind, n.listKind ?? ''] : []))),
  };
}

const inUse = (name: string): string => `${quoteGo(name)} is already in use`;

/** As many of the names as may be had; of several conflicts the last is told of. */
function acceptedNames(
  wanted: CustomResourceDefinitionNames,
  had: CustomResourceDefinitionNames,
  { resources, kinds }: Taken,
): { names: CustomResourceDefinitionNames; conflict: Condition | undefined } {
  const names = { ...had };
  let conflict: Condition | undefined;
  const refuse = (reason: string, message: string): void => {
    conflict = { type: 'NamesAccepted', status: 'False', reason, message };
  };
  const take = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    taken: ReadonlySet<string>,
  ): void => {
    const name = wanted[field] ?? '';
    if (name !== (had[field] ?? '') && taken.has(name)) refuse(reason, inUse(name));
    else names[field] = name;
  };
  take('plural', 'PluralConflict', resources);
  take('singular', 'SingularConflict', resources);
  const clashing = (wanted.shortNames ?? []).filter((name) => !had.shortNames?.includes(name) && resources.has(name));
  if (clashing.length > 0) refuse('ShortNamesConflict', aggregate(clashing.map(inUse)));
  else if (wanted.shortNames) names.shortNames = wanted.shortNames;
  else delete names.shortNames;
  take('kind', 'KindConflict', kinds);
  take('listKind', 'ListKindConflict', kinds);
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  return { names, conflict };
}

/** Several errors as Go prints them in one. */
const aggregate = (errors: string[]): string => (errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);

function establishedAfter(definition: CustomResourceDefinition, isAccepted: boolean): Condition {
  const before = conditionIn(definition, 'Established');
  if (before?.status === 'True') return before;
  if (isAccepted)
    return {
      type: 'Established',
      status: 'False',
      reason: 'Installing',
      message: 'the initial names have been accepted',
    };
  return (
    before ?? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
  );
}
