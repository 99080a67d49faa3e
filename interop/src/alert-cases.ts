/** A series of a metric, in promtool's notation: `0+10x60` grows by 10 a minute for an hour, `_x20` is absent for 20 minutes. */
interface Series {
  readonly series: string
  readonly values: string
}

/** What an application went through, and which alerts fire after that many minutes. */
export interface AlertCase {
  readonly title: string
  readonly series: readonly Series[]
  readonly afterMinutes: number
  readonly fires: readonly string[]
}

const labels = (all: Readonly<Record<string, string>>): string =>
  Object.entries({ job: 'shop', instance: 'one', ...all })
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')

const WHOLE = 'failover(smtp(a), smtp(b))'

const sent = (values: string): Series => ({
  series: `mail_sends_total{${labels({ mail_transport: WHOLE, mail_state: 'sent' })}}`,
  values,
})

interface Failure {
  readonly code: string
  readonly permanence?: string
  readonly delivered?: string
  readonly silenced?: string
}

const failed = (
  { code, permanence = 'transient', delivered = 'none', silenced = 'false' }: Failure,
  values: string,
): Series => ({
  series: `mail_sends_total{${labels({
    mail_transport: WHOLE,
    mail_state: 'failed',
    error_type: code,
    mail_permanence: permanence,
    mail_delivered: delivered,
    mail_silenced: silenced,
  })}}`,
  values,
})

/** Messages that a worker tried, and keeps to try them again. */
const requeued = (values: string): Series => ({
  series: `mail_sends_total{${labels({ mail_transport: WHOLE, mail_state: 'queued' })}}`,
  values,
})

/** Attempts that put messages into an outbox. */
const enqueued = (values: string): Series => ({
  series: `mail_attempts_total{${labels({ mail_transport: 'outbox(smtp(a))', mail_state: 'queued' })}}`,
  values,
})

const entries = (state: string, values: string, instance = 'one'): Series => ({
  series: `mail_outbox_entries{${labels({ mail_transport: 'outbox(smtp(a))', mail_outbox_state: state, instance })}}`,
  values,
})

const attempts = (code: string | undefined, values: string): Series => ({
  series: `mail_attempts_total{${labels({
    mail_transport: 'smtp(a)',
    ...(code === undefined ? { mail_state: 'sent' } : { mail_state: 'failed', error_type: code }),
    server_address: 'a',
    server_port: '587',
  })}}`,
  values,
})

const gauge = (name: string, values: string, instance = 'one'): Series => ({
  series: `${name}{${labels({ mail_transport: 'smtp(a)', instance })}}`,
  values,
})
const health = (values: string, instance = 'one', transport = WHOLE): Series => ({
  series: `mail_transport_health{${labels({ mail_transport: transport, instance })}}`,
  values,
})
const queue = (values: string, instance?: string): Series => gauge('mail_queue_length', values, instance)

/** Ten mails a minute, and all is well. */
const WELL = [sent('0+10x2000'), attempts(undefined, '0+10x2000')]
const DAY = 24 * 60

export const ALERT_CASES: readonly AlertCase[] = [
  {
    title: 'all is well',
    series: [...WELL, health('1x60'), queue('5x60')],
    afterMinutes: 60,
    fires: [],
  },
  {
    title: 'every process is down',
    series: [...WELL, health('1x10 0x20', 'one'), health('0x30', 'two')],
    afterMinutes: 14,
    fires: ['MailIsDown'],
  },
  {
    title: 'every process has been down for half an hour',
    series: [...WELL, health('0x60', 'one'), health('0x60', 'two'), health('0x60', 'two', 'smtp(a)')],
    afterMinutes: 30,
    fires: ['MailIsDown'],
  },
  {
    title: 'one server is down, and a backup carries the mail',
    series: [...WELL, health('0.5x60'), health('0x60', 'one', 'smtp(a)'), health('1x60', 'one', 'smtp(b)')],
    afterMinutes: 30,
    fires: ['MailIsDegraded'],
  },
  {
    title: 'every process was down for a minute',
    series: [...WELL, health('1x10 0x1 1x20')],
    afterMinutes: 12,
    fires: [],
  },
  {
    title: 'one process of two is down',
    series: [...WELL, health('1x60', 'one'), health('1x10 0x50', 'two')],
    afterMinutes: 30,
    fires: ['MailIsDegraded'],
  },
  {
    title: 'the transport has been degraded for a quarter of an hour',
    series: [...WELL, health('1x10 0.5x50')],
    afterMinutes: 30,
    fires: ['MailIsDegraded'],
  },
  {
    title: 'the transport has been degraded for ten minutes',
    series: [...WELL, health('1x10 0.5x50')],
    afterMinutes: 20,
    fires: [],
  },
  {
    title: 'the first send fails because of the password',
    series: [...WELL, failed({ code: 'auth/bad-credentials', permanence: 'permanent' }, '_x20 1x40')],
    afterMinutes: 22,
    fires: ['MailNeedsConfiguration'],
  },
  {
    title: 'the password was wrong half an hour ago',
    series: [...WELL, failed({ code: 'auth/bad-credentials', permanence: 'permanent' }, '_x20 1x40')],
    afterMinutes: 50,
    fires: [],
  },
  {
    title: 'a backup carries the mail, because the certificate of the first server has expired',
    series: [...WELL, attempts('tls/certificate-expired', '_x20 1x40')],
    afterMinutes: 22,
    fires: ['MailNeedsConfiguration'],
  },
  {
    title: 'logging in fails for now',
    series: [
      ...WELL,
      failed({ code: 'auth/auth-temporary' }, '_x20 1x40'),
      attempts('auth/auth-temporary', '_x20 1x40'),
      attempts('tls/timeout', '_x20 1x40'),
    ],
    afterMinutes: 22,
    fires: [],
  },
  {
    title: 'one in five mails is refused',
    series: [sent('0+8x60'), failed({ code: 'rcpt-to/mailbox-unknown', permanence: 'permanent' }, '0+2x60')],
    afterMinutes: 30,
    fires: ['MailFailsOften'],
  },
  {
    title: 'one in twenty mails is refused',
    series: [sent('0+95x60'), failed({ code: 'rcpt-to/mailbox-unknown', permanence: 'permanent' }, '0+5x60')],
    afterMinutes: 30,
    fires: [],
  },
  {
    title: 'people mistype their addresses',
    series: [...WELL, failed({ code: 'compose/invalid-address', permanence: 'permanent' }, '0+10x60')],
    afterMinutes: 30,
    fires: [],
  },
  {
    title: 'three of a few mails are refused',
    series: [
      sent('0x20 10x40'),
      failed({ code: 'rcpt-to/mailbox-unknown', permanence: 'permanent' }, '0x20 3x40'),
    ],
    afterMinutes: 30,
    fires: [],
  },
  {
    title: 'a server does not reply after the final dot, once',
    series: [
      ...WELL,
      failed({ code: 'body/timeout', permanence: 'unknown', delivered: 'unknown' }, '_x20 1x40'),
    ],
    afterMinutes: 22,
    fires: ['MailMayHaveBeenDelivered'],
  },
  {
    title: 'a server does not reply to the sender, once',
    series: [...WELL, failed({ code: 'mail-from/timeout' }, '_x20 1x40')],
    afterMinutes: 22,
    fires: [],
  },
  {
    title: 'three times as many failures are silenced as yesterday',
    series: [
      ...WELL,
      failed({ code: 'connect/timeout', silenced: 'true' }, `0+0.2x${DAY} ${DAY / 5}+0.6x200`),
    ],
    afterMinutes: DAY + 90,
    fires: ['MailSilencedFailuresRise'],
  },
  {
    title: 'failures are silenced, and there were none yesterday',
    series: [...WELL, failed({ code: 'connect/timeout', silenced: 'true' }, '0x60 0+0.3x200')],
    afterMinutes: 180,
    fires: ['MailSilencedFailuresRise'],
  },
  {
    title: 'as many failures are silenced as yesterday',
    series: [...WELL, failed({ code: 'connect/timeout', silenced: 'true' }, `0+0.5x${DAY + 200}`)],
    afterMinutes: DAY + 90,
    fires: [],
  },
  {
    title: 'a few failures are silenced within an hour',
    series: [...WELL, failed({ code: 'connect/timeout', silenced: 'true' }, '0x60 0+0.1x200')],
    afterMinutes: 180,
    fires: [],
  },
  {
    title: 'the queue grows for a long time',
    series: [queue('0x10 0+20x60')],
    afterMinutes: 40,
    fires: ['MailQueueGrows'],
  },
  {
    title: 'the queue is long and becomes no longer',
    series: [queue('500x60')],
    afterMinutes: 40,
    fires: [],
  },
  {
    title: 'a short queue grows',
    series: [queue('0+1x60')],
    afterMinutes: 50,
    fires: [],
  },
  {
    title: 'the queue of one process is nearly full',
    series: [queue('9000x20')],
    afterMinutes: 5,
    fires: ['MailQueueIsNearlyFull'],
  },
  {
    title: 'two processes have half a queue each',
    series: [queue('5000x20', 'one'), queue('5000x20', 'two')],
    afterMinutes: 5,
    fires: [],
  },
  {
    title: 'a worker died while it transmitted',
    series: [...WELL, entries('in-doubt', '0x5 2x20', 'one'), entries('in-doubt', '0x5 2x20', 'two')],
    afterMinutes: 7,
    fires: ['MailOutboxIsInDoubt'],
  },
  {
    title: 'an outbox has many messages, and workers take them',
    series: [
      ...WELL,
      entries('waiting', '5000x40'),
      entries('scheduled', '900x40'),
      entries('dead', '0x40'),
      gauge('mail_outbox_oldest_waiting_seconds', '200x40'),
    ],
    afterMinutes: 30,
    fires: [],
  },
  {
    title: 'a message in an outbox was given up',
    series: [...WELL, entries('dead', '0x5 1x20')],
    afterMinutes: 7,
    fires: ['MailOutboxHasDeadMessages'],
  },
  {
    title: 'no worker runs, as a collector tells it',
    series: [...WELL, gauge('mail_outbox_oldest_waiting_seconds', '0+60x40')],
    afterMinutes: 25,
    fires: ['MailOutboxIsLate'],
  },
  {
    title: 'no worker runs, as the exporter for Node tells it',
    series: [...WELL, gauge('mail_outbox_oldest_waiting', '0+60x40')],
    afterMinutes: 25,
    fires: ['MailOutboxIsLate'],
  },
  {
    title: 'a worker can send nothing, and keeps everything',
    series: [attempts('connect/timeout', '0+1x60'), requeued('0+1x60')],
    afterMinutes: 30,
    fires: ['MailNothingIsSent'],
  },
  {
    title: 'an application only puts messages into an outbox',
    series: [enqueued('0+10x60'), requeued('0+10x60')],
    afterMinutes: 30,
    fires: [],
  },
  {
    title: 'each attempt fails',
    series: [attempts('connect/timeout', '0+1x60'), failed({ code: 'connect/timeout' }, '0+0.4x60')],
    afterMinutes: 30,
    fires: ['MailNothingIsSent'],
  },
  {
    title: 'most attempts fail, and the first mail ever is sent',
    series: [attempts('connect/timeout', '_x20 12x20'), attempts(undefined, '_x20 1x20'), sent('_x20 1x20')],
    afterMinutes: 30,
    fires: [],
  },
  {
    title: 'two messages are tried three times',
    series: [attempts('connect/timeout', '_x20 6x20')],
    afterMinutes: 30,
    fires: [],
  },
]
