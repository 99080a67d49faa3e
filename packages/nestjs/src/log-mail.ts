import type { MailEvent, Observer } from '@loudmail/core'
import type { LoggerService } from '@nestjs/common'

/**
 * An observer that writes to a logger of Nest's what nobody else would tell: silenced failures and tries that a later one
 * made good as warnings, late replies, and what was sent as debug. A failure that is thrown is for who catches it: the
 * filter logs it. Nothing of a message is written but its id.
 */
export function logMail(logger: LoggerService): Observer {
  return function logMailObserver(event) {
    if (event.type === 'failed' && !event.silenced) return
    const { level, text } = lineOf(event)
    if (level === 'debug') logger.debug?.(text)
    else logger[level](text)
  }
}

function lineOf(event: MailEvent): { level: 'error' | 'warn' | 'log' | 'debug'; text: string } {
  const id = event.messageId === undefined ? '' : `${event.messageId} `
  switch (event.type) {
    case 'sent':
      return { level: 'debug', text: `${id}${event.receipt.state} by ${event.receipt.transport}` }
    case 'failed':
      return { level: 'warn', text: `${id}silenced: ${event.error.message} - ${event.error.hint}` }
    case 'attempt-failed':
      return { level: 'warn', text: `${id}a try failed: ${event.error.message}` }
    default:
      return event.error
        ? { level: 'error', text: `${id}a late reply says ${event.error.message} - ${event.error.hint}` }
        : { level: 'log', text: `${id}a late reply says that it was sent` }
  }
}
