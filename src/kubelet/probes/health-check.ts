/** A probe by gRPC's health protocol. Models pkg/probe/grpc. */
import type { Visitor } from '../../machine/pod-machine.ts';
import { type HealthAnswer, HealthCall, healthRequest } from '../../machine/programs/grpc-health.ts';
import { type Action, type Fault, failed } from './outcome.ts';

/** `address`: whom it asks; `timeout` in milliseconds. */
export function healthCheck(
  service: string,
  visitor: Pick<Visitor, 'take' | 'write' | 'close'>,
  { address, deadline, timeout }: { address: string; deadline: number; timeout: number },
): Action {
  const call = new HealthCall();
  const within = `${timeout / 1000}s`;
  visitor.write(healthRequest(service, address));
  return {
    deadline,
    outcome(now) {
      const answer = call.take(visitor.take());
      // Who hangs up, or speaks something else, is called again until it is too late.
      if (!answer && now < deadline) return undefined;
      visitor.close();
      if (answer) return { fault: faultOf(answer) };
      const late = call.isConnected
        ? `health rpc did not complete within ${within}`
        : `failed to connect service ${JSON.stringify(address)} within ${within}: context deadline exceeded`;
      return { fault: failed(`timeout: ${late}`) };
    },
  };
}

function faultOf(answer: HealthAnswer): Fault | undefined {
  if ('status' in answer)
    return answer.status === 'SERVING' ? undefined : failed(`service unhealthy (responded with "${answer.status}")`);
  const { code, message } = answer;
  return code === 'Unimplemented'
    ? failed(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`)
    : failed(`error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`);
}
