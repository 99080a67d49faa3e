import type { Family } from './candidate.ts'
import { endpointOf } from './endpoint.ts'

/** SMTP instead of LMTP, or the other way, if the server does not know the greeting of the one that is set. */
export const otherProtocol: Family = ({ options, failure: { stage, kind, reply } }) => {
  if (stage !== 'ehlo' || kind !== 'protocol' || !reply) return []
  const { port } = endpointOf(options)
  if (options.lmtp)
    return [
      {
        change: `The server on port ${port} speaks SMTP, not LMTP: use \`smtp://\`.`,
        options: { ...options, port, lmtp: undefined },
      },
    ]
  return /\bL(?:HLO|MTP)\b/.test(reply.text)
    ? [
        {
          change: `The server on port ${port} speaks LMTP, not SMTP: use \`lmtp://\`.`,
          options: { ...options, port, lmtp: true },
        },
      ]
    : []
}
