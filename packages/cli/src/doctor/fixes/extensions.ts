import type { Kind } from '@loudmail/core'
import type { Family } from './candidate.ts'
import { isOfferedBefore } from './mechanisms.ts'

const NOT_UNDERSTOOD: readonly Kind[] = [
  'protocol',
  'timeout',
  'connection-lost',
  'rejected',
  'service-unavailable',
  'server-error',
]

/** One command at a time, for a server that offers PIPELINING and does not keep to it. */
export const withoutPipelining: Family = ({ options, words, failure }) => {
  const { stage, kind, reply } = failure
  const saysSo = /pipelin|synchroni[sz]ation/i.test(reply?.text ?? '')
  const isCommand = stage === 'mail-from' || stage === 'rcpt-to' || stage === 'data'
  if (!isCommand || options.pipelining === false || !isOfferedBefore(failure, 'PIPELINING')) return []
  // Nodemailer has no option for it.
  if (words === 'nodemailer' || (!saysSo && !NOT_UNDERSTOOD.includes(kind))) return []
  return [
    {
      change:
        'The server offers PIPELINING, but does not accept several commands at once: set `pipelining` to false.',
      options: { ...options, pipelining: false },
    },
  ]
}

/** DATA instead of BDAT, for a server that offers CHUNKING and does not keep to it. It is not tried: that needs a message. */
export const withoutChunking: Family = ({ options, words, failure }) => {
  const { stage, kind, reply, transcript } = failure
  const isUsed = transcript?.entries.some(({ from, text }) => from === 'client' && /^BDAT\b/i.test(text))
  if (stage !== 'body' || !isUsed || words === 'nodemailer') return []
  if (!/bdat|chunking/i.test(reply?.text ?? '') && !NOT_UNDERSTOOD.includes(kind)) return []
  return [
    {
      change: 'The server offers CHUNKING, but does not accept BDAT: set `chunking` to false.',
      options: { ...options, chunking: false },
      isUntried: true,
    },
  ]
}
