// Compares composing without sending: `pnpm --filter @loudmail/mime bench`. Every round runs each composer once, so the
// ratios compare figures of the same run. Figures are medians of the rounds.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { MessageInput } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { compose } from '@loudmail/mime'
import { createMessage } from '@upyo/core'
import { Message as EmailJsMessage } from 'emailjs'
import MailComposer from 'nodemailer/lib/mail-composer'

interface Work {
  readonly name: string
  readonly input: MessageInput & {
    readonly from: string
    readonly to: string
    readonly subject: string
    readonly text: string
  }
  readonly iterations: number
}

type Composer = (work: Work) => () => unknown

const ROUNDS = 9
const SENTENCE =
  'Your parcel with 3 items has left the warehouse, and will be with you on Tuesday before noon.\n'
const GERMAN =
  'Ihr Päckchen mit 3 Stück ist unterwegs und wird am Dienstag für Sie zugestellt: Grüße aus Köln!\n'
const HTML_ROW =
  '<tr><td style="padding: 8px"><a href="https://example.com/i?id=1">An item</a></td><td>9.95</td></tr>\n'

const base = {
  from: 'Shop <shop@example.com>',
  to: 'Ann Lee <ann@example.org>',
  subject: 'Your parcel is on its way',
}
const filled = (sentence: string, octets: number) =>
  sentence.repeat(Math.ceil(octets / sentence.length)).slice(0, octets)
const attached = Buffer.alloc(
  1_048_576,
  Uint8Array.from({ length: 251 }, (_, index) => (index * 97) % 256),
)

const works: readonly Work[] = [
  { name: '1 KiB text', input: { ...base, text: filled(SENTENCE, 1024) }, iterations: 400 },
  {
    name: '20 KiB text and html',
    input: { ...base, text: filled(SENTENCE, 8192), html: filled(HTML_ROW, 12_288) },
    iterations: 80,
  },
  {
    name: '20 KiB text and html, not ASCII',
    input: { ...base, text: filled(GERMAN, 8192), html: filled(HTML_ROW + GERMAN, 12_288) },
    iterations: 80,
  },
  {
    name: '1 MiB attachment',
    input: { ...base, text: 'Here it is.', attachments: [{ filename: 'data.bin', content: attached }] },
    iterations: 8,
  },
]

const composers: Readonly<Record<string, Composer>> = {
  nodemailer: nodemailer,
  loudmail: ({ input }) => {
    const message = toMessage(input)
    return () => compose(message)
  },
  'loudmail with toMessage':
    ({ input }) =>
    () =>
      compose(toMessage(input)),
  'loudmail, 8BITMIME': ({ input }) => {
    const message = toMessage(input)
    return () => compose(message, { eightBitMime: true })
  },
  emailjs,
  '@upyo/smtp': await upyo(),
}

for (const work of works) {
  const jobs = Object.entries(composers).map(([name, composer]) => ({
    name,
    job: composer(work),
    micros: [] as number[],
  }))
  for (const { job } of jobs) await microsEach(job, work.iterations * 3)
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of jobs) each.micros.push(await microsEach(each.job, work.iterations))
  }
  const reference = median(jobs[0]!.micros)
  console.log(`\n${work.name}`)
  for (const { name, micros } of jobs) {
    const [least, middle, most] = [Math.min(...micros), median(micros), Math.max(...micros)]
    const spread = `${least.toFixed(1)} to ${most.toFixed(1)}`
    console.log(
      `  ${name.padEnd(24)} ${middle.toFixed(1).padStart(8)} µs (${spread}), ${(reference / middle).toFixed(1)} times nodemailer`,
    )
  }
}

function nodemailer({ input }: Work): () => unknown {
  const { from, to, subject, text, html } = input
  const attachments = (input.attachments ?? []).map(() => ({ filename: 'data.bin', content: attached }))
  return () =>
    new MailComposer({ from, to, subject, text, ...(html !== undefined && { html }), attachments })
      .compile()
      .build()
}

function emailjs({ input }: Work): () => unknown {
  const { from, to, subject, text, html, attachments } = input
  const attachment = [
    ...(html === undefined ? [] : [{ data: html, alternative: true }]),
    ...(attachments ?? []).map(() => ({
      data: attached.toString('base64'),
      encoded: true,
      name: 'data.bin',
    })),
  ]
  return async () =>
    Buffer.from(await new EmailJsMessage({ from, to, subject, text, attachment }).readAsync())
}

/** Upyo does not export its composer, so it is read from the source of the transport. */
async function upyo(): Promise<Composer> {
  const source = readFileSync(fileURLToPath(import.meta.resolve('@upyo/smtp')), 'utf8')
  const module = `data:text/javascript,${encodeURIComponent(`${source}\nexport { convertMessage }`)}`
  const { convertMessage } = (await import(module)) as {
    convertMessage: (message: unknown) => Promise<{ raw: string }>
  }
  return ({ input }) => {
    const { from, to, subject, text, html } = input
    const attachments = (input.attachments ?? []).map(() => new File([attached], 'data.bin'))
    return async () => {
      const content = html === undefined ? { text } : { text, html }
      return Buffer.from(
        (await convertMessage(createMessage({ from, to, subject, content, attachments }))).raw,
      )
    }
  }
}

async function microsEach(job: () => unknown, iterations: number): Promise<number> {
  const start = performance.now()
  for (let iteration = 0; iteration < iterations; iteration++) {
    const result = job()
    if (result instanceof Promise) await result
  }
  return ((performance.now() - start) * 1000) / iterations
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
}
