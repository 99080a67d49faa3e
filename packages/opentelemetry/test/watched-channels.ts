import { channel, tracingChannel } from 'node:diagnostics_channel'
import type { TracedAttempt, TracedLateReply, TracedSend } from '@loudmail/core'

type What = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error'

/** What was published while it is in use, in order. */
export interface WatchedChannels extends Disposable {
  readonly events: string[]
  readonly sends: TracedSend[]
  readonly attempts: TracedAttempt[]
  readonly late: TracedLateReply[]
}

/** Subscribes to the channels of core. */
export function watchedChannels(): WatchedChannels {
  const events: string[] = []
  const sends: TracedSend[] = []
  const attempts: TracedAttempt[] = []
  const late: TracedLateReply[] = []
  const listen = (name: string, payloads: object[]): (() => void) => {
    const traced = tracingChannel(`loudmail:${name}`)
    const hear = (what: What) => (payload: object) => {
      if (!payloads.includes(payload)) payloads.push(payload)
      events.push(`${name} ${payloads.indexOf(payload) + 1} ${what}`)
    }
    const subscribers = {
      start: hear('start'),
      end: hear('end'),
      asyncStart: hear('asyncStart'),
      asyncEnd: hear('asyncEnd'),
      error: hear('error'),
    }
    traced.subscribe(subscribers)
    return () => {
      traced.unsubscribe(subscribers)
    }
  }
  const stops = [listen('send', sends), listen('attempt', attempts)]
  const hearLate = (payload: unknown): void => void late.push(payload as TracedLateReply)
  const lateChannel = channel('loudmail:late-reply')
  lateChannel.subscribe(hearLate)
  return {
    events,
    sends,
    attempts,
    late,
    [Symbol.dispose]() {
      for (const stop of stops) stop()
      lateChannel.unsubscribe(hearLate)
    },
  }
}
