import type { MailEvent, Observer } from '@loudmail/core'
import { eventLevel, eventText } from '@loudmail/core/transport'
import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common'

/**
 * An observer that writes to a Nest logger what would otherwise go unnoticed: silenced failures as errors, or as warnings
 * if they may pass, failures of background sends as errors, failed attempts as warnings, late replies, and sent messages at
 * the debug level. It does not log failures that are thrown: whoever catches them does, such as the filter. Of a message it
 * writes only the id. An event that the log level drops does not count as seen, so a silenced failure that nobody else
 * observes is still printed.
 */
export function logMail(logger: LoggerService): Observer {
  return function logMailObserver(event) {
    if (event.type === 'failed' && !event.silenced && !event.inBackground) return
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
  const level = eventLevel(event)
  return level === 'info' ? 'log' : level
}

function lineOf(event: MailEvent): string {
  const id = event.messageId === undefined ? '' : `${event.messageId} `
  const hint = event.error && event.type !== 'attempt-failed' ? ` - ${event.error.hint}` : ''
  return `${id}${eventText(event)}${hint}`
}
