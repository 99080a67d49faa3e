import { peak, rate } from './contestants.ts'
import type { DatabaseName } from './databases.ts'
import type { Contestant, Group } from './group.ts'

const SQLITE = 'Loudmail, sqlite()'
const PG_BOSS = 'Loudmail, pgBoss()'
const ALWAYS = 'BullMQ with nodemailer, appendfsync always'
const EVERY_SECOND = 'BullMQ with nodemailer, appendfsync everysec'

const kept = (label: string, database: DatabaseName, client: 'outbox' | 'bullmq'): Contestant => ({
  label,
  client,
  database,
})

const contestants = [
  kept(SQLITE, 'sqlite', 'outbox'),
  kept(PG_BOSS, 'postgres', 'outbox'),
  kept(ALWAYS, 'redis always', 'bullmq'),
  kept(EVERY_SECOND, 'redis everysec', 'bullmq'),
]
const common = { suite: 'outbox', work: '1 KiB', connections: 10, seconds: 2, contestants } as const

const delivering = (workers: 1 | 2 | 4): Group => ({
  ...common,
  id: `outbox-deliver-${workers}`,
  title: `Delivering 20,000 kept messages of 1 KiB, ${workers === 1 ? 'one worker process' : `${workers} worker processes`}`,
  mode: 'deliver',
  server: 'our sink',
  workers,
  count: 20_000,
  goals: [rate(SQLITE, ALWAYS, 1), rate(PG_BOSS, ALWAYS, 1)],
})

/** Mail that is kept on disk before it is sent. */
export const keptMail: readonly Group[] = [
  {
    ...common,
    id: 'outbox-enqueue',
    title: 'Keeping messages of 1 KiB on disk, 100 at once in one process',
    mode: 'enqueue',
    goals: [rate(SQLITE, ALWAYS, 1), rate(PG_BOSS, ALWAYS, 1)],
  },
  delivering(1),
  delivering(2),
  delivering(4),
  {
    ...common,
    id: 'outbox-memory',
    title: 'Memory of a worker: 10,000 and 100,000 messages of 1 KiB',
    mode: 'deliver',
    server: 'our sink',
    workers: 1,
    pairs: 3,
    contestants: [
      { ...contestants[0]!, label: '10,000 messages', count: 10_000 },
      { ...contestants[0]!, label: '100,000 messages', count: 100_000 },
    ],
    goals: [peak('100,000 messages', '10,000 messages', 1.25)],
  },
  {
    ...common,
    id: 'outbox-memory-large',
    title: 'Memory of a worker: 10 and 100 messages of 25 MiB',
    mode: 'deliver',
    server: 'our sink',
    work: '25 MiB',
    workers: 1,
    pairs: 3,
    contestants: [
      { ...contestants[0]!, label: '10 messages', count: 10 },
      { ...contestants[0]!, label: '100 messages', count: 100 },
    ],
    goals: [peak('100 messages', '10 messages', 1.25)],
  },
]
