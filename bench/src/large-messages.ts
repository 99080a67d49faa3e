import {
  LOUDMAIL,
  POOLED,
  SMTP_SOURCE,
  loudmail,
  alone,
  pooled,
  unpooled,
  upyo,
  mended,
  smtplib,
  smtpSource,
  rate,
  peak,
} from './contestants.ts'
import { BEST_PEER, type Group } from './group.ts'
import { sending } from './sending.ts'

const files = [pooled, unpooled, loudmail, upyo, mended] as const

/** Larger messages: what counts is composing and writing the content. */
export const largeMessages: readonly Group[] = [
  {
    ...sending,
    id: '20kib',
    title: '20 KiB of text and HTML, one connection',
    work: '20 KiB',
    contestants: [pooled, loudmail, alone, upyo, mended, smtplib],
    goals: [rate(LOUDMAIL, POOLED, 4)],
  },
  {
    ...sending,
    id: '1mib',
    title: 'An attachment of 1 MiB, one connection',
    work: '1 MiB',
    contestants: [pooled, loudmail, upyo, mended, smtplib],
    goals: [rate(LOUDMAIL, POOLED, 3)],
  },
  {
    ...sending,
    id: '25mib',
    title: 'An attachment of 25 MiB from a file, one connection, with CHUNKING',
    server: 'our sink',
    work: '25 MiB',
    seconds: 1.5,
    contestants: files,
    goals: [rate(LOUDMAIL, POOLED, 3), peak(LOUDMAIL, POOLED, 1)],
  },
  {
    ...sending,
    id: '25mib-sink',
    title: 'An attachment of 25 MiB from a file, one connection, into smtp-sink',
    work: '25 MiB',
    seconds: 1.5,
    contestants: [...files, smtplib, smtpSource],
    goals: [rate(LOUDMAIL, BEST_PEER, 1), rate(LOUDMAIL, SMTP_SOURCE, 1), peak(LOUDMAIL, POOLED, 1)],
  },
]
