/**
 * What a cluster's own configuration has to say of a write: policies, then webhooks, first those that change, and after validation
 * those that only refuse. Models k8s.io/apiserver's pkg/admission (chain.go, reinvocation.go) with the plugins after the built-in ones.
 */
import type { AdmissionRequest } from './admission-request.ts';
import { Reinvocation } from './reinvocation.ts';

/** The two points of a write. A pure function of what was read, but for what has to be asked outside: see `AnswersNeeded`. */
export interface DynamicAdmission {
  /**
   * Changes the request's object in place. `builtIn` runs the built-in admission again, where what came after it has changed the object.
   * @throws StatusError, AnswersNeeded
   */
  mutate(request: AdmissionRequest, builtIn: () => void): void;
  /** @throws StatusError, AnswersNeeded */
  validate(request: AdmissionRequest): void;
}

export interface DynamicPlugins {
  /** In their order. */
  mutating: readonly ((request: AdmissionRequest, reinvocation: Reinvocation) => void)[];
  validating: readonly ((request: AdmissionRequest) => void)[];
}

export function chainOf({ mutating, validating }: DynamicPlugins): DynamicAdmission {
  return {
    mutate(request, builtIn) {
      const reinvocation = new Reinvocation();
      for (const plugin of mutating) plugin(request, reinvocation);
      if (!reinvocation.isWanted) return;
      reinvocation.isAgain = true;
      builtIn();
      for (const plugin of mutating) plugin(request, reinvocation);
    },
    validate(request) {
      for (const plugin of validating) plugin(request);
    },
  };
}
