/**
 * What the schemas of the kinds that a policy is about say against its expressions, which see untyped objects when they are evaluated.
 * Models TypeChecker in k8s.io/apiserver's plugin/policy/validating/typechecking.go.
 */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import { compile } from '../../cel/cel.ts';
import { type DeclaredType, declaredTypes, declareSchema } from '../../cel/declared-type.ts';
import type { Environment } from '../../cel/environment.ts';
import { policyEnvironment } from '../../cel/policy-environment.ts';
import type { CelSchema } from '../../cel/schema.ts';
import { DYN, type Type } from '../../cel/type.ts';
import type {
  ExpressionWarning,
  RuleWithOperations,
  ValidatingAdmissionPolicy,
} from '../../objects/generated/admissionregistration-v1.gen.ts';
import { schemaOfStruct } from './built-in-schema.ts';
import { fieldType } from './policy-compiler.ts';

/** Kinds of one rule that are looked at, so that a rule about everything costs no more. */
export const MAX_CHECKED_KINDS = 10;

/** In the order of the expressions; none: the schemas have nothing against them. */
export function expressionWarnings(policy: ValidatingAdmissionPolicy, catalog: Catalog): ExpressionWarning[] {
  const { validations = [], paramKind, variables = [] } = policy.spec ?? {};
  const params = paramKind && catalog.kind(paramKind.apiVersion ?? '', paramKind.kind ?? '');
  const checks = checkedKinds(policy, catalog).map((kind) => ({
    kind,
    environment: environmentOf(declared(kind), paramKind ? { kind: params } : undefined, variables),
  }));
  return validations.flatMap(({ expression, messageExpression }, i) =>
    Object.entries({ expression, messageExpression }).flatMap(([field, text]) => {
      const found = text ? checks.flatMap(({ kind, environment }) => problem(kind, text, environment)) : [];
      return found.length > 0 ? [{ fieldRef: `spec.validations[${i}].${field}`, warning: found.join('\n') }] : [];
    }),
  );
}

function problem({ group, version, kind }: Kind, expression: string, environment: Environment): string[] {
  const { errors } = compile(expression, environment);
  return errors === undefined ? [] : [`${group}/${version}, Kind=${kind}: ${errors}\n`];
}

/** What rules name without a star, in the order of groups, versions and kinds. */
function checkedKinds({ spec }: ValidatingAdmissionPolicy, catalog: Catalog): Kind[] {
  const kinds = new Set<Kind>();
  for (const rule of spec?.matchConstraints?.resourceRules ?? [])
    for (const kind of kindsOfRule(rule, catalog).slice(0, MAX_CHECKED_KINDS)) kinds.add(kind);
  const order = ({ group, version, kind }: Kind): string => [group, version, kind].join('\0');
  return [...kinds].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function kindsOfRule({ apiGroups = [], apiVersions = [], resources = [] }: RuleWithOperations, catalog: Catalog) {
  const isWild = (text: string): boolean => text.includes('*');
  if (apiGroups.some(isWild) || apiVersions.some(isWild)) return [];
  const named = new Set(resources.filter((resource) => !/[*/]/.test(resource)));
  const isMeant = ({ group, version, resource }: Kind): boolean =>
    named.has(resource) &&
    apiVersions.includes(version) &&
    apiGroups.some((wanted) => wanted === '' || wanted === group);
  return catalog.kinds.filter(isMeant);
}

const known = new WeakMap<CelSchema, DeclaredType | undefined>();

/** Undefined: there is no schema, and nothing is known of its objects. */
function declared(kind: Kind | undefined): DeclaredType | undefined {
  const schema = kind && schemaOf(kind);
  if (!schema) return undefined;
  if (!known.has(schema)) known.set(schema, declareSchema(schema, true, kind.kind));
  return known.get(schema);
}

const schemaOf = ({ struct, custom, version }: Kind): CelSchema | undefined =>
  custom ? (custom.schema(version) as CelSchema | undefined) : struct && schemaOfStruct(struct);

type Variables = readonly { name?: string; expression?: string }[];

/** `params`: there are parameters, of that kind if there is such a one. */
function environmentOf(
  object: DeclaredType | undefined,
  params: { kind: Kind | undefined } | undefined,
  variables: Variables,
): Environment {
  const parameters = params && declared(params.kind);
  const names = new Map<string, Type>();
  const environment = policyEnvironment({
    ...(params ? { params: parameters?.type ?? DYN } : {}),
    object: object?.type ?? DYN,
    authorizer: 'alone',
    variables: names,
    types: [object, parameters].flatMap((type) => (type ? [declaredTypes(type)] : [])),
  });
  for (const { name = '', expression = '' } of variables)
    names.set(name, fieldType(compile(expression, environment).type));
  return environment;
}
