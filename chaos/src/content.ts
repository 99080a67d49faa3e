import { readdirSync, readlinkSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { MessageInput } from '@loudmail/core'
import type { SendPlan } from './plan.ts'
import { END } from './record.ts'

const PIECE = 16_384
const FILE_OCTETS = 120_000
const folder = mkdtempSync(join(tmpdir(), 'chaos-'))
const file = join(folder, 'attachment')
writeFileSync(file, `${'f'.repeat(FILE_OCTETS)} ${END}file`)
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** How often the attachment's file is open, where the system can say. */
export function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').filter((each) => linkOf(each) === file).length
  } catch {
    return 0
  }
}

function linkOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return undefined
  }
}

/** Content that the client began to read and did not close yet, with the message that it is of. */
export type OpenContents = Map<object, SendPlan>

export function messageOf(plan: SendPlan, open: OpenContents): MessageInput {
  const { id, recipients } = plan
  const message = {
    from: 'chaos@sender.test',
    to: [...recipients],
    subject: id,
    headers: { 'X-Id': id },
    ...((plan.isTwin || plan.hasKey) && { idempotencyKey: id }),
  }
  if (plan.content === 'text') return { ...message, text: textOf(plan) }
  const attachment =
    plan.content === 'file'
      ? { path: file }
      : {
          filename: 'chaos.bin',
          content:
            plan.content === 'function'
              ? () => streamOf(plan, open)
              : plan.content === 'generator'
                ? () => piecesOf(plan, open)
                : streamOf(plan, open),
        }
  return { ...message, text: 'See the attachment.', attachments: [attachment] }
}

/** With dots that have to be stuffed, and with what is not ASCII. */
function textOf({ octets, id }: SendPlan): string {
  const line = '.a line with a dot in front and one ü in it\n'
  return `${line.repeat(Math.ceil(octets / line.length))}${END}${id}\n`
}

function streamOf(plan: SendPlan, open: OpenContents): Readable {
  const pieces = contentOf(plan)
  return new Readable({
    read() {
      open.set(this, plan)
      const { value, done } = pieces.next()
      if (done) this.push(null)
      else if (value instanceof Error) this.destroy(value)
      // A stall is a read that never brings anything.
      else if (value !== undefined) this.push(value)
    },
    destroy(error, callback) {
      open.delete(this)
      callback(error)
    },
  })
}

async function* piecesOf(plan: SendPlan, open: OpenContents): AsyncGenerator<Buffer> {
  const mark = {}
  open.set(mark, plan)
  try {
    for (const piece of contentOf(plan)) {
      await turn()
      if (piece instanceof Error) throw piece
      if (piece !== undefined) yield piece
      else {
        // Nobody can end a generator while it waits: it is not the client's to close.
        open.delete(mark)
        await new Promise(() => {})
      }
    }
  } finally {
    open.delete(mark)
  }
}

/** What a stream brings, piece by piece: `undefined` is a stall. */
function* contentOf({ octets, ends, id }: SendPlan): Generator<Buffer | Error | undefined> {
  // Half of it may be none of it.
  const whole = ends === 'well' ? octets : Math.floor(octets / 2)
  for (let left = whole; left > 0; left -= PIECE) yield Buffer.alloc(Math.min(left, PIECE), 'c')
  if (ends === 'stalls') yield undefined
  else if (ends === 'fails') yield new Error('the content broke off')
  else yield Buffer.from(` ${END}${id}`)
}
