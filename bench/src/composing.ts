import { emailjs, LOUDMAIL, loudmail, pooled, rate, upyo } from './contestants.ts'
import { BEST_PEER, type Group } from './group.ts'

const composing = {
  mode: 'compose',
  connections: 1,
  seconds: 0.5,
  contestants: [
    { ...pooled, label: 'nodemailer' },
    loudmail,
    { ...loudmail, label: 'Loudmail, parsed before', variant: 'parsed before' },
    { ...upyo, label: '@upyo/smtp' },
    emailjs,
  ],
} as const

/** Composing without sending. */
export const composingAlone: readonly Group[] = [
  {
    ...composing,
    id: 'compose-1kib',
    title: 'Composing alone: 1 KiB of text',
    work: '1 KiB',
    goals: [rate(LOUDMAIL, 'nodemailer', 8), rate(LOUDMAIL, BEST_PEER, 1)],
  },
  {
    ...composing,
    id: 'compose-20kib',
    title: 'Composing alone: 20 KiB of text and HTML',
    work: '20 KiB',
    goals: [rate(LOUDMAIL, 'nodemailer', 8), rate(LOUDMAIL, BEST_PEER, 1)],
  },
  {
    ...composing,
    id: 'compose-1mib',
    title: 'Composing alone: an attachment of 1 MiB',
    work: '1 MiB',
    goals: [rate(LOUDMAIL, 'nodemailer', 3)],
  },
]
