import { askElsewhere } from './ask-elsewhere.ts'
import type { Candidate, Family, Trouble } from './candidate.ts'
import { certificateFixes } from './certificates.ts'
import { clientName } from './client-name.ts'
import { credentials, otherMechanism } from './credentials.ts'
import { withoutChunking, withoutPipelining } from './extensions.ts'
import { hostNames } from './host-names.ts'
import { setLogIn, withoutLogIn } from './log-in.ts'
import { ipv4Alone, longerTime } from './network.ts'
import { otherPorts } from './other-ports.ts'
import { otherProtocol } from './other-protocol.ts'
import { otherProxy } from './other-proxy.ts'
import { ownSender } from './sender.ts'
import { weakTls } from './weak-tls.ts'
import { withoutTlsAtHome, withoutTlsElsewhere } from './without-tls.ts'

/** The likeliest first. What weakens something is behind what does not. */
const FAMILIES: readonly Family[] = [
  hostNames,
  otherProxy,
  otherProtocol,
  certificateFixes,
  weakTls,
  clientName,
  otherMechanism,
  credentials,
  ownSender,
  withoutPipelining,
  withoutChunking,
  ipv4Alone,
  withoutTlsAtHome,
  otherPorts,
  longerTime,
  withoutLogIn,
  withoutTlsElsewhere,
  setLogIn,
]

/** Everything that may help, in the order in which it is worth trying, and then what to ask somebody else. */
export async function candidatesFor(trouble: Trouble): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const family of FAMILIES) found.push(...(await family(trouble)))
  // Some say already what there is to ask.
  if (!found.some(({ change }) => change.includes(trouble.failure.hint))) found.push(askElsewhere(trouble))
  return found
}
