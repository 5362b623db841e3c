/** A connection's way as lines, in the manner of the kernel's TRACE target. */
import { type Cause, causeText } from './causes.ts';
import type { ConnectionResult, Hop } from './connection-result.ts';
import type { Packet } from './packet.ts';
import type { RuleMet } from './walk.ts';

export function traceText(result: ConnectionResult, causeOf: (met: RuleMet) => Cause | undefined): string {
  const lines = result.hops.flatMap((hop) => hopLines(hop, causeOf));
  lines.push(`= ${result.verdict}: ${result.because}`);
  return `${lines.join('\n')}\n`;
}

function hopLines(hop: Hop, causeOf: (met: RuleMet) => Cause | undefined): string[] {
  const { at, receivedOn, route, passage, policies } = hop;
  const lines = [`${at.kind} ${at.name}${receivedOn ? ` receives on ${receivedOn}` : ''} ${headers(hop.before)}`];
  for (const met of passage?.met ?? []) lines.push(ruleLine(met, causeOf(met)));
  if (passage) lines.push(`  ${passage.verdict}, ${passage.scanned} rules looked at`);
  if (policies) for (const part of policies.reason.split('; ')) lines.push(`  policy ${part}`);
  if (route) lines.push(`  route ${route}`);
  return lines;
}

/** `TRACE: nat:KUBE-SERVICES:rule:3 IN=cni0 OUT= SRC=… -> jump KUBE-SVC-… (Service default/web)`. */
function ruleLine(met: RuleMet, cause: Cause | undefined): string {
  const place = met.place === 0 ? 'policy' : `rule:${met.place}`;
  const chance =
    met.probability === undefined || met.probability === 1 ? '' : ` with probability ${met.probability.toFixed(4)}`;
  const why = cause ? ` (${causeText(cause)})` : '';
  return `  TRACE: ${met.table.replace(' ', ':')}:${met.chain}:${place} ${headers(met.before)} -> ${met.action}${chance}${why}`;
}

function headers(packet: Packet): string {
  const { inInterface, outInterface, source, destination, protocol, sourcePort, destinationPort, mark } = packet;
  const ports = protocol.startsWith('icmp') ? '' : ` SPT=${sourcePort} DPT=${destinationPort}`;
  const marked = mark ? ` MARK=0x${mark.toString(16)}` : '';
  return `IN=${inInterface} OUT=${outInterface} SRC=${source.text} DST=${destination.text} PROTO=${protocol.toUpperCase()}${ports}${marked}`;
}
