/**
 * How much all expressions of policies and webhooks may cost together for one decision about a request. The real server lets them go on until the request's
 * time is over; here other clusters wait meanwhile.
 */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { timedOut } from '../answer/timeout.ts';

/** In Kubernetes' units of cost, of which 5 to 25 million take a second. One policy may cost 10 million for each of its bindings. */
export const MAX_ADMISSION_COST = 20_000_000;

/** What all decisions of one request may cost together: it decides anew with each answer that it waits for, and when it is overtaken. */
export const MAX_DECISIONS_COST = 5 * MAX_ADMISSION_COST;

/** Of one request. */
export class AdmissionWork {
  #left = MAX_DECISIONS_COST;

  /** Of one decision, from its beginning. Throws 504 when it is used up, or all that the request has is. */
  decision(): WorkBudget {
    let left = MAX_ADMISSION_COST;
    return {
      spend: (cost) => {
        left -= cost;
        this.#left -= cost;
        if (left < 0 || this.#left < 0) throw timedOut();
      },
    };
  }
}
