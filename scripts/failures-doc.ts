// Writes docs/failures.md from the vocabulary of @loudmail/core: node scripts/failures-doc.ts
import { writeFileSync } from 'node:fs'
import { MailError, STAGES, type Kind, type Stage } from '../packages/core/src/index.ts'
import { KIND_SCOPES } from '../packages/core/src/transport.ts'

const STAGE_NOTES: Record<Stage, string> = {
  config: 'options and URLs, when an object is made',
  compose: 'addresses, headers and attachments, before any connection',
  queue: 'waiting for a connection',
  dns: 'looking up the host name',
  connect: 'the TCP connection, a proxy included',
  tls: 'STARTTLS, and every TLS handshake',
  greeting: "the server's first words",
  ehlo: 'EHLO, or LHLO of LMTP, and what the server then offers',
  auth: 'logging in',
  'mail-from': 'MAIL FROM: the sender',
  'rcpt-to': 'RCPT TO: each recipient',
  data: 'DATA: the leave to send the content',
  body: "the content, up to the server's final reply",
  submit: 'the whole message handed to an HTTP API, a program or a store',
}

/** Each group reaches from its first kind to the next group's, in the order of the vocabulary. */
const GROUPS: readonly (readonly [title: string, first: Kind])[] = [
  ['On this side', 'invalid-config'],
  ['The network', 'host-not-found'],
  ['TLS', 'not-tls'],
  ['The protocol', 'not-smtp'],
  ['Logging in', 'auth-not-offered'],
  ['The server', 'service-unavailable'],
  ['Addresses', 'mailbox-unknown'],
  ['Content', 'message-too-large'],
  ['Bugs', 'unexpected'],
]

const KINDS = Object.keys(KIND_SCOPES) as Kind[]

/** The text of docs/failures.md. */
export function failuresDoc(): string {
  const stages = STAGES.map((stage, index) => [`${index + 1}`, `\`${stage}\``, STAGE_NOTES[stage]])
  return `<!-- Made by scripts/failures-doc.ts from packages/core: run \`node scripts/failures-doc.ts\` after a change there. -->

# Failures

Every failure is a \`MailError\`. Its \`code\` is \`stage/kind\`, as in \`auth/bad-credentials\`: where the send had come to, and
what happened there. Both lists are closed; a minor version may add a kind, so code that tells them all apart needs a
default.

## What every failure tells

| field | |
|---|---|
| \`code\` \`stage\` \`kind\` | what this page lists |
| \`summary\` \`message\` | what happened, with the server's words; \`message\` has the code and the transport, too |
| \`scope\` | whose fault it is: \`transport\`, \`sender\`, \`recipient\` or \`message\`. Another transport may succeed only where it is \`transport\` |
| \`permanence\` | \`transient\` may pass by itself, \`permanent\` needs somebody to act, \`unknown\` may have gone out |
| \`delivered\` | \`none\`, \`some\`, or \`unknown\` for at least one recipient |
| \`retryable\` | some recipient can be tried again with no risk of a second copy |
| \`reply\` | what the server said: \`code\`, \`enhanced\`, \`text\`, and the \`command\` it answers |
| \`recipients\` | for each: \`accepted\`, \`rejected\`, \`not-attempted\` or \`unknown\`, with a reason of its own |
| \`hint\` | what to do |
| \`failures\` | what each try, or each inner transport, said |
| \`transcript\` | the conversation, without secrets and content |
| \`transport\` \`messageId\` \`cause\` | which transport, which message, and the error underneath, without secrets |

## Stages

In the order of a send. A mistake in the options of a mailer, a transport or a URL throws when that object is made, under
every policy; one in the options of \`send()\` is a failure of that send.

${table(['', 'stage', 'what happens there'], stages)}

## Kinds

\`permanence\` stands here for failures without a reply. Where the server replied, the basic code decides: 4xx is transient,
5xx permanent, but 503 and \`too-many-recipients\` are transient. \`scope\` follows the kind; where a server reports a refused
sender or client only in its answer to RCPT TO, it follows that.

Where the server had the whole message and its answer never came, \`delivered\` and \`permanence\` are \`unknown\`, and the hint is:
${hintOf('body', 'connection-lost', 'unknown')}

${GROUPS.map(group).join('\n\n')}
`
}

function group([title, first]: (typeof GROUPS)[number], index: number): string {
  const next = GROUPS[index + 1]?.[1]
  const kinds = KINDS.slice(KINDS.indexOf(first), next && KINDS.indexOf(next))
  return `### ${title}\n\n${table(['kind', 'what happened', 'scope', 'permanence', 'what to do'], kinds.map(row))}`
}

function row(kind: Kind): string[] {
  const error = new MailError({ stage: 'submit', kind })
  return [`\`${kind}\``, error.summary, error.scope, error.permanence, hints(kind)]
}

/** The hint of a kind, and those of stages that have another. */
function hints(kind: Kind): string {
  const usual = hintOf('submit', kind)
  const others = STAGES.filter((stage) => hintOf(stage, kind) !== usual)
  return [usual, ...others.map((stage) => `At \`${stage}\`: ${hintOf(stage, kind)}`)].join('<br>')
}

function hintOf(stage: Stage, kind: Kind, delivered: 'none' | 'unknown' = 'none'): string {
  return new MailError({ stage, kind, delivered }).hint
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

if (import.meta.main) writeFileSync(new URL('../docs/failures.md', import.meta.url), failuresDoc())
