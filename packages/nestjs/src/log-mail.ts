import type { MailEvent, Observer } from '@loudmail/core'
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common'

/**
 * An observer that writes to a Nest logger what would otherwise go unnoticed: silenced failures as errors, failed attempts
 * as warnings, late replies, and sent messages at the debug level. It does not log failures that are thrown: whoever
 * catches them does, such as the filter. Of a message it writes only the id. An event that the log level drops does not
 * count as seen, so a silenced failure that nobody else observes is still printed.
 */
export function logMail(logger: LoggerService): Observer {
  return function logMailObserver(event) {
    if (event.type === 'failed' && !event.silenced) return
    const level = levelOf(event)
    // Reading `event.error` marks a failure as seen, so check the level first.
    if (writes(logger, level)) logger[level]?.(lineOf(event))
  }
}

type Level = 'error' | 'warn' | 'log' | 'debug'

/** Whether a logger writes this level. Nest's Logger passes it on to the application's logger, if there is one. */
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
      return `${id}an attempt failed: ${event.error.message}`
    default:
      return event.error
        ? `${id}a late reply says ${event.error.message} - ${event.error.hint}`
        : `${id}a late reply says that the message was sent`
  }
}
