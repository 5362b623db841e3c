/** The operations that tell what the server has: each stands in the document of its own path. Source: k8s.io/apiserver/pkg/endpoints/discovery. */
import { META } from '../../catalog/schema.ts';
import { groupTitle, PRODUCES } from './operation.ts';

export interface DiscoveryOperation {
  path: string;
  description: string;
  operationId: string;
  tag: string;
  produces: readonly string[];
  /** A schema by name; '' where the answer is text. */
  answer: string;
}

const VERSIONS = 'get available API versions';

const FIXED: Record<string, Omit<DiscoveryOperation, 'path'>> = {
  '.well-known/openid-configuration': {
    description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    operationId: 'getServiceAccountIssuerOpenIDConfiguration',
    tag: 'WellKnown',
    produces: ['application/json'],
    answer: '',
  },
  api: {
    description: VERSIONS,
    operationId: 'getCoreAPIVersions',
    tag: 'core',
    produces: PRODUCES,
    answer: `${META}APIVersions`,
  },
  apis: {
    description: VERSIONS,
    operationId: 'getAPIVersions',
    tag: 'apis',
    produces: PRODUCES,
    answer: `${META}APIGroupList`,
  },
  'openid/v1/jwks': {
    description: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
    operationId: 'getServiceAccountIssuerOpenIDKeyset',
    tag: 'openid',
    produces: ['application/jwk-set+json'],
    answer: '',
  },
  version: {
    description: 'get the version information for this server',
    operationId: 'getCodeVersion',
    tag: 'version',
    produces: ['application/json'],
    answer: 'io.k8s.apimachinery.pkg.version.Info',
  },
};

export const FIXED_DOCUMENTS = Object.keys(FIXED);

/** Of a document's name: `api`, `apis/apps`, `apis/apps/v1`…; the caller knows that it is one. */
export function discoveryOperation(name: string): DiscoveryOperation {
  const path = `/${name}/`;
  const fixed = FIXED[name];
  if (fixed) return { path, ...fixed };
  const [root, ...rest] = name.split('/');
  const [group = '', version] = root === 'api' ? ['', rest[0]] : rest;
  const title = groupTitle(group, version ?? '');
  const tag = title.slice(0, 1).toLowerCase() + title.slice(1, version ? -version.length : undefined);
  return {
    path,
    description: version === undefined ? 'get information of a group' : 'get available resources',
    operationId: version === undefined ? `get${title}APIGroup` : `get${title}APIResources`,
    tag: version === undefined ? tag : `${tag}_${version}`,
    produces: PRODUCES,
    answer: version === undefined ? `${META}APIGroup` : `${META}APIResourceList`,
  };
}
