import {
  LOUDMAIL,
  POOLED,
  alone,
  cpu,
  emailjs,
  loudmail,
  mended,
  nestjs,
  pooled,
  rate,
  unpooled,
  upyo,
} from './contestants.ts'
import { BEST_PEER, type Group } from './group.ts'
import { sending } from './sending.ts'

const secure = {
  ...sending,
  suite: 'starttls',
  server: 'our sink with STARTTLS and AUTH',
  secure: true,
} as const

const OPENING = 'Loudmail, a connection a message'

/** With STARTTLS, a verified certificate and a log-in, as most mail is sent. smtp-source cannot log in. */
export const secureMessages: readonly Group[] = [
  {
    ...secure,
    id: 'starttls-one',
    title: '1 KiB of text with STARTTLS and a log-in, one connection',
    contestants: [pooled, unpooled, loudmail, alone, nestjs, upyo, emailjs, mended],
    goals: [rate(LOUDMAIL, POOLED, 3), cpu(LOUDMAIL, POOLED, 0.33)],
  },
  {
    ...secure,
    id: 'starttls-five',
    title: '1 KiB of text with STARTTLS and a log-in, five connections',
    connections: 5,
    contestants: [pooled, unpooled, loudmail, alone, nestjs, upyo, emailjs, mended],
    goals: [rate(LOUDMAIL, POOLED, 5), rate(LOUDMAIL, BEST_PEER, 1.5)],
  },
  {
    ...secure,
    id: 'starttls-opening',
    title: '1 KiB of text with STARTTLS and a log-in, each message on a new connection',
    contestants: [unpooled, { ...loudmail, label: OPENING, variant: 'opening' }],
    goals: [rate(OPENING, unpooled.label, 1), cpu(OPENING, unpooled.label, 1)],
  },
]
