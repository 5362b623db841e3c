/** What is known of a kind that a CustomResourceDefinition defines, beside what is known of any kind. */
import type {
  CustomResourceSubresourceScale,
  JSONSchemaProps,
  WebhookClientConfig,
} from '../objects/generated/apiextensions-v1.gen.ts';

/** A conversion webhook. */
export interface Converter {
  clientConfig: WebhookClientConfig;
  /** The versions of ConversionReview that it takes, the one that it likes best first. */
  reviewVersions: readonly string[];
}

export interface CustomKind {
  listKind: string;
  /** The definition's key in the store, and the revision at which it was last written. */
  definition: { key: string; revision: number };
  /** Of all that the definition says of its kinds: another where it says something else. */
  digest: string;
  /** The version that objects are stored in. */
  storageVersion: string;
  /** Of the whole object in one of the definition's versions, those too that are not served; undefined: there is none such. */
  schema(version: string): JSONSchemaProps | undefined;
  /** The definition is on its way out: nothing new is made. */
  isTerminating: boolean;
  scale?: CustomResourceSubresourceScale | undefined;
  /** Fields that a selector may name, `spec.colour`. */
  selectable: readonly string[];
  /** What every request for this version is told. */
  deprecation?: string | undefined;
  /** What makes objects of other versions; undefined: they are the same but for their version. */
  converter: Converter | undefined;
}
