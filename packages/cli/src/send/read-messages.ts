import type { MessageInput } from '@loudmail/core'
import { UsageError } from '../usage-error.ts'
import { hasContent, messageFromOptions } from './message-from-options.ts'
import { messageFromEml } from './message-from-eml.ts'
import { messagesFromJson } from './messages-from-json.ts'
import { decodeText, nameOf, readInput, STANDARD_INPUT } from './read-input.ts'
import type { SendOptions } from './send-options.ts'

/**
 * The messages to send, from the options, from a file or from standard input.
 *
 * @param file `-` for standard input. Without a file, a message without content in the options comes from standard input.
 */
export async function readMessages(
  file: string | undefined,
  options: SendOptions,
  signal: AbortSignal,
): Promise<readonly MessageInput[]> {
  const source = file ?? (isPiped(options) ? STANDARD_INPUT : undefined)
  refuseTwoReaders(source, options)
  if (source === undefined) {
    needAddresses(options)
    return [{ ...fillOf(options), ...(await messageFromOptions(options, signal)) }]
  }
  const bytes = await readInput(source, signal)
  if (bytes.length === 0)
    throw new UsageError(
      file === undefined
        ? 'there is no message: write one with --subject and --text, name a file, or pipe one in'
        : `${nameOf(source)} is empty`,
    )
  if ((options.as ?? formatOf(source, bytes)) === 'eml') return [messageFromEml(bytes, options)]
  const override = await messageFromOptions(options, signal)
  return messagesFromJson(decodeText(bytes, source), nameOf(source), override)
}

/** The error of a message without them speaks of code, not of the command line. */
function needAddresses({ from, to, cc, bcc }: SendOptions): void {
  if (from === undefined) throw new UsageError('the sender is missing: add --from ADDRESS')
  if ([to, cc, bcc].every((each) => each === undefined))
    throw new UsageError('the recipient is missing: add --to ADDRESS')
}

/** A load check needs no more than addresses. */
function fillOf({ repeat, ...options }: SendOptions): Partial<MessageInput> {
  if (repeat === undefined || hasContent(options)) return {}
  return {
    subject: 'A load check',
    text: 'This message is one of many. It checks how many the server takes.\n',
  }
}

function isPiped(options: SendOptions): boolean {
  if (hasContent(options) || options.repeat !== undefined || options.passwordStdin) return false
  return !process.stdin.isTTY
}

function refuseTwoReaders(source: string | undefined, options: SendOptions): void {
  const { textFile, htmlFile, passwordStdin } = options
  const readers = [
    source === STANDARD_INPUT && 'the message',
    textFile === STANDARD_INPUT && '--text-file',
    htmlFile === STANDARD_INPUT && '--html-file',
    passwordStdin && '--password-stdin',
  ].filter((reader) => reader !== false && reader !== undefined)
  if (readers.length > 1)
    throw new UsageError(`${readers.slice(0, 2).join(' and ')} cannot both come from standard input`)
}

function formatOf(path: string, bytes: Buffer): 'eml' | 'json' {
  const [, ending] = /\.(\w+)$/.exec(path) ?? []
  if (ending?.toLowerCase() === 'eml') return 'eml'
  if (ending !== undefined && /^(?:json|jsonl|ndjson)$/i.test(ending)) return 'json'
  const head = bytes.toString('latin1', 0, 1_000).replace(/^\xEF\xBB\xBF/, '')
  if (/^\s*[{[]/.test(head)) return 'json'
  if (/^(?:>?From |[!-9;-~]+[ \t]*:)/.test(head)) return 'eml'
  throw new UsageError(
    `${nameOf(path)} is neither a message that begins with its header nor JSON: if it is one of them, say which with --as`,
  )
}
