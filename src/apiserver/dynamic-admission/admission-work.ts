/**
 * How much all expressions of policies and webhooks may cost together for one request. The real server lets them go on until the request's
 * time is over; here other clusters wait meanwhile.
 */
import type { WorkBudget } from '../../simulation/work-budget.ts';
import { timedOut } from '../answer/timeout.ts';

/** In Kubernetes' units of cost, of which 5 to 25 million take a second. One policy may cost 10 million for each of its bindings. */
export const MAX_ADMISSION_COST = 20_000_000;

/** Of one request. Throws 504 when it is used up. */
export function admissionWork(): WorkBudget {
  let left = MAX_ADMISSION_COST;
  return {
    spend(cost) {
      left -= cost;
      if (left < 0) throw timedOut();
    },
  };
}
