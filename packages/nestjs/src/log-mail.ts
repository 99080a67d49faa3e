import type { MailEvent, Observer } from '@loudmail/core'
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common'

/**
 * An observer that writes to a logger of Nest's what nobody else would tell: silenced failures as errors, tries that a
 * later one made good as warnings, late replies, and what was sent as debug. A failure that is thrown is for who catches
 * it: the filter logs it. Nothing of a message is written but its id. What the logger's levels would drop is not taken,
 * so that a silenced failure that nobody else observes is still printed.
 */
export function logMail(logger: LoggerService): Observer {
  return function logMailObserver(event) {
    if (event.type === 'failed' && !event.silenced) return
    const level = levelOf(event)
    // A failure whose error was read counts as told.
    if (writes(logger, level)) logger[level]?.(lineOf(event))
  }
}

type Level = 'error' | 'warn' | 'log' | 'debug'

/** Whether a logger writes what it is told; one of Nest's hands on to the application's, which may be none. */
function writes(logger: LoggerService, level: Level): boolean {
  const target: LoggerService | undefined = logger instanceof Logger ? logger.localInstance : logger
  return target instanceof ConsoleLogger ? target.isLevelEnabled(level) : target !== undefined
}

function levelOf(event: MailEvent): Level {
  if (event.type === 'sent') return 'debug'
  if (event.type === 'attempt-failed') return 'warn'
  return event.type === 'late-reply' && event.delivery ? 'log' : 'error'
}

function lineOf(event: MailEvent): string {
  const id = event.messageId === undefined ? '' : `${event.messageId} `
  switch (event.type) {
    case 'sent':
      return `${id}${event.receipt.state} by ${event.receipt.transport}`
    case 'failed':
      return `${id}silenced: ${event.error.message} - ${event.error.hint}`
    case 'attempt-failed':
      return `${id}a try failed: ${event.error.message}`
    default:
      return event.error
        ? `${id}a late reply says ${event.error.message} - ${event.error.hint}`
        : `${id}a late reply says that it was sent`
  }
}
