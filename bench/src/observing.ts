import { cpu } from './contestants.ts'
import type { Contestant, Group } from './group.ts'
import { sending } from './sending.ts'

/** Who listens to the tracing channels. `without channels`: there is nothing to ask whether anybody does. */
export type Observing = 'without channels' | 'idle' | 'subscribers' | 'opentelemetry'

const BASE = 'Loudmail without tracing channels'
const IDLE = 'Loudmail, nobody subscribes'

const observed = (variant: Observing, label: string): Contestant => ({ label, client: 'observed', variant })

/** What tracing channels and OpenTelemetry cost. */
export const observing: readonly Group[] = [
  {
    ...sending,
    id: 'observing',
    title: 'Tracing channels: 1 KiB of text through a Mailer, five connections',
    server: 'our sink',
    connections: 5,
    // The difference is smaller than the noise of a few rounds.
    pairs: 25,
    contestants: [
      observed('without channels', BASE),
      observed('idle', IDLE),
      observed('subscribers', 'Loudmail, subscribers that do nothing'),
      observed('opentelemetry', 'Loudmail, OpenTelemetry spans and metrics'),
    ],
    goals: [cpu(IDLE, BASE, 1.02)],
  },
]
