import { ALONE, LOUDMAIL, POOLED, alone, loudmail, pooled, cpu, peak } from './contestants.ts'
import type { Group } from './group.ts'
import { sending } from './sending.ts'

/** What a send costs besides time: memory, the layers on top, loading. */
export const costs: readonly Group[] = [
  {
    ...sending,
    id: 'burst',
    title: '10,000 sends of 1 KiB started at once, five connections',
    mode: 'burst',
    connections: 5,
    count: 10_000,
    contestants: [pooled, loudmail, alone],
    goals: [peak(LOUDMAIL, POOLED, 0.5), peak(ALONE, POOLED, 0.5)],
  },
  {
    ...sending,
    id: 'overhead',
    title: 'What recording and a Mailer add: 1 KiB of text, one connection',
    pairs: 9,
    contestants: [alone, { ...alone, label: 'Loudmail, record()', variant: 'record' }, loudmail],
    goals: [cpu('Loudmail, record()', ALONE, 1.2), cpu(LOUDMAIL, ALONE, 1.2)],
  },
  {
    ...sending,
    id: 'many',
    title: 'sendMany() of 200,000 messages of 1 KiB, five connections, V8 with --max-semi-space-size=16',
    mode: 'many',
    // The longer a program allocates, the more room V8 gives to young objects, even if none of them is kept.
    flags: ['--max-semi-space-size=16'],
    server: 'our sink',
    connections: 5,
    contestants: [
      { ...loudmail, label: 'sendMany() of 50,000', count: 50_000 },
      { ...loudmail, label: 'sendMany() of 200,000', count: 200_000 },
    ],
    goals: [peak('sendMany() of 200,000', 'sendMany() of 50,000', 1.25)],
  },
  {
    id: 'import',
    title: 'Loading the module',
    mode: 'import',
    connections: 0,
    work: '1 KiB',
    seconds: 0,
    // The time to start a process varies a lot, so there are many rounds with few starts.
    count: 4,
    pairs: 25,
    contestants: [
      { label: 'Node with net, tls and crypto', client: 'node:net,node:tls,node:crypto' },
      { label: '@loudmail/smtp', client: '@loudmail/smtp' },
      { label: '@loudmail/smtp, its source', client: '@loudmail/smtp', variant: 'source' },
      { label: 'nodemailer', client: 'nodemailer' },
      { label: '@upyo/smtp', client: '@upyo/smtp' },
      { label: 'emailjs', client: 'emailjs' },
    ],
    goals: [cpu('@loudmail/smtp', 'Node with net, tls and crypto', 1.25)],
  },
]
