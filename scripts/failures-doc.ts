// Writes docs/failures.md from the vocabulary of @loudmail/core: node scripts/failures-doc.ts
import { writeFileSync } from 'node:fs'
import { MailError, STAGES, type Kind, type Stage } from '../packages/core/src/index.ts'
import { KINDS, STAGE_NOTES } from '../packages/core/src/transport.ts'
import { providersDoc } from './providers-doc.ts'

/** A group goes from its first kind to the first kind of the next group, in the order of the vocabulary. */
const GROUPS: readonly (readonly [title: string, first: Kind])[] = [
  ['On this side', 'invalid-config'],
  ['The network', 'host-not-found'],
  ['TLS', 'not-tls'],
  ['The protocol', 'not-smtp'],
  ['Logging in', 'auth-not-offered'],
  ['The server', 'account-blocked'],
  ['Addresses', 'suppressed'],
  ['Content', 'message-too-large'],
  ['Bugs', 'unexpected'],
]

const NAMES = Object.keys(KINDS) as Kind[]

/** The text of docs/failures.md. */
export function failuresDoc(): string {
  const stages = STAGES.map((stage, index) => [`${index + 1}`, `\`${stage}\``, STAGE_NOTES[stage]])
  return `<!-- Made by scripts/failures-doc.ts from packages/core: run \`node scripts/failures-doc.ts\` after a change there. -->

# Failures

Every failure is a \`MailError\`. Its \`code\` is \`stage/kind\`, as in \`auth/bad-credentials\`: the step that failed, and
what happened there. This page lists all stages and kinds. A minor version may add a kind, so a \`switch\` over kinds needs
a default.

## The fields of a failure

| field | |
|---|---|
| \`code\` \`stage\` \`kind\` | the step that failed and what happened there, as listed below |
| \`summary\` \`message\` | what happened, with the server's words; \`message\` adds the code and the transport |
| \`scope\` | whose fault it is: \`transport\`, \`sender\`, \`recipient\` or \`message\`. Another transport can help only if it is \`transport\` |
| \`permanence\` | \`transient\`: another attempt may succeed. \`permanent\`: somebody has to change something first. \`unknown\`: the message may have been delivered |
| \`delivered\` | who may have the message: \`none\` or \`some\` of the recipients, or \`unknown\` if that is unknown for at least one |
| \`retryable\` | at least one recipient can be tried again without the risk of a second copy |
| \`retryAfterMs\` | how long the server or the provider asks to wait before the next attempt, in ms; at most a day |
| \`reply\` | what the server said: \`code\`, \`enhanced\`, \`text\`, and the \`command\` that it answers |
| \`recipients\` | for each: \`accepted\`, \`rejected\`, \`not-attempted\` or \`unknown\`, each with its own reason |
| \`hint\` | what to do |
| \`failures\` | the failure of each attempt or of each inner transport |
| \`location\` | where in a file the mistake is, for a template: \`file\` (an absolute path), \`line\`, \`column\`, and \`excerpt\`, the lines around it with a mark under the column |
| \`transcript\` | the conversation with the server, without secrets and without the content |
| \`transport\` \`messageId\` \`cause\` | which transport, which message, and the error underneath, without secrets |

## Stages

Stages are listed in the order of a send. A mistake in the options of a mailer, in a transport or in a URL throws when that
object is created, under every policy. A mistake in the options of \`send()\` is a failure of that send.

${table(['', 'stage', 'what happens there'], stages)}

## Kinds

\`stages\` lists the stages in which a kind can occur. The type \`FailureCode\` consists of these pairs, so TypeScript checks a
\`switch\` over \`error.code\`.

The \`permanence\` in these tables is for failures without a server reply. If the server replied, its basic code decides: 4xx
is transient and 5xx is permanent. 503 and \`too-many-recipients\` are always transient, since another attempt can succeed.
\`account-blocked\`, \`sender-not-owned\` and \`suppressed\` are always permanent, since somebody has to change something first.
So is a status of HTTP, such as 403, which some providers send. \`scope\` usually follows the kind. Some
servers report a refused sender or client only in the answer to RCPT TO; \`scope\` then says so.

If the whole message was sent but the server did not confirm it, \`delivered\` and \`permanence\` are \`unknown\`, and the hint is:
> ${hintOf('body', 'connection-lost', 'unknown')}

The table has the usual hints. \`smtp()\` and \`nodemailer()\` also know what you configured and how far the connection came, and
choose another hint where they know better:

- the log-in: whether \`auth\` is set, with a password or a token, whether white space is around it, and what the server offers;
- the provider, known by its host name or its words: app passwords, tokens, SMTP credentials, sending limits;
- the name in EHLO, the number of connections, the port, the kind of TLS;
- a firewall that rewrites the conversation, and time-outs of a server that had greeted before;
- whether the server refused for good or only for now.

A hint never contains a secret, and never the server's words: if the reply has a link, the hint only says so. What it says about
a provider is one line in [providers.ts](../packages/core/src/failure/providers.ts). Add yours there.

${GROUPS.map(group).join('\n\n')}

${providersDoc()}
`
}

function group([title, first]: (typeof GROUPS)[number], index: number): string {
  const next = GROUPS[index + 1]?.[1]
  const kinds = NAMES.slice(NAMES.indexOf(first), next && NAMES.indexOf(next))
  return `### ${title}\n\n${table(['kind', 'what happened', 'stages', 'scope', 'permanence', 'what to do'], kinds.map(row))}`
}

function row(kind: Kind): string[] {
  const error = new MailError({ stage: 'submit', kind })
  return [`\`${kind}\``, error.summary, stagesOf(kind), error.scope, error.permanence, hints(kind)]
}

/** The stages in which a kind can occur. Three or more in a row are shortened to the first and the last. */
function stagesOf(kind: Kind): string {
  const at: readonly Stage[] = KINDS[kind].stages
  const runs: Stage[][] = []
  for (const [index, stage] of STAGES.entries()) {
    if (!at.includes(stage)) continue
    const run = runs.at(-1)
    if (run && run.at(-1) === STAGES[index - 1]) run.push(stage)
    else runs.push([stage])
  }
  const named = runs.flatMap((run) => (run.length > 2 ? [`${run[0]}\` to \`${run.at(-1)}`] : run))
  return named.map((name) => `\`${name}\``).join(', ')
}

/** The hint of a kind, and the hints of stages that have their own. */
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
