import {
  formatTranscript,
  Mailer,
  MailError,
  retry,
  type MailerOptions,
  type MessageInput,
} from '@loudmail/core'
import { record } from '@loudmail/debug'
import { startServer, type ServerScript, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'

const color = process.stdout.isTTY === true
const paint = (code: number, text: string): string => (color ? `\u001B[${code}m${text}\u001B[0m` : text)

const auth = { user: 'ann@sender.example', pass: 'not-the-password' }
const hello: MessageInput = {
  from: 'Ann <ann@sender.example>',
  to: 'bob@rcpt.example',
  subject: 'Hello',
  text: 'Hi Bob',
}
const caps = ['PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'AUTH PLAIN']

/** Starts a server that follows the script, and calls `act` with a mailer that sends to it over a real socket. */
async function against(
  script: ServerScript,
  options: Omit<MailerOptions, 'transport'> & { auth?: typeof auth; retry?: boolean },
  act: (mailer: Mailer, server: SmtpServer) => Promise<void>,
): Promise<void> {
  await using server = await startServer(script)
  const { auth: credentials, retry: again, ...mailerOptions } = options
  const transport = record(
    smtp({ host: server.host, port: server.port, ...(credentials && { auth: credentials }) }),
  )
  await using mailer = new Mailer({ transport: again ? retry(transport) : transport, ...mailerOptions })
  await act(mailer, server)
}

function title(text: string): void {
  console.log(`\n${paint(1, text)}\n${'─'.repeat(text.length)}`)
}

function show(error: MailError): void {
  console.log(paint(31, `✗ ${error.code}`))
  console.log(`  what happened  ${error.summary}`)
  console.log(`  server said    ${error.reply ? `${error.reply.code} ${error.reply.text}` : 'nothing'}`)
  console.log(
    `  delivered      ${error.delivered}    permanence  ${error.permanence}    retryable  ${error.retryable}`,
  )
  for (const { address, status } of error.recipients) console.log(`  ${address.padEnd(22)} ${status}`)
  console.log(paint(33, `  what to do     ${error.hint}`))
}

async function caught(sending: Promise<unknown>): Promise<MailError> {
  try {
    await sending
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new Error('this send did not fail, but it should')
}

title('1. A message that arrives, and its conversation')
await against({}, {}, async (mailer) => {
  const receipt = await mailer.send(hello)
  console.log(paint(32, `✓ ${receipt.state}: ${receipt.response}`))
  console.log(formatTranscript(receipt.transcript, { color }))
})

title('2. Loud: the wrong password is thrown')
const wrongPassword: ServerScript = { caps, users: { [auth.user]: 'the-password' } }
await against(wrongPassword, { auth }, async (mailer) => {
  const error = await caught(mailer.send(hello))
  show(error)
  console.log(formatTranscript(error.transcript, { color }))
})

title('3. Silent: the same failure comes back in the receipt, and is printed because no observer took it')
await against(wrongPassword, { auth, failure: 'silent' }, async (mailer) => {
  const receipt = await mailer.send(hello)
  console.log(
    `  receipt.ok ${receipt.ok}    receipt.silenced ${receipt.silenced}    receipt.error.code ${receipt.error?.code}`,
  )
})

title('4. Refused in part: one of three recipients does not exist')
const noSuchUser: ServerScript = {
  on: { RCPT: { byRcpt: { 'nobody@rcpt.example': '550 5.1.1 No such user' }, default: '250 2.1.5 Ok' } },
}
await against(noSuchUser, {}, async (mailer) => {
  show(
    await caught(
      mailer.send({ ...hello, to: ['bob@rcpt.example', 'nobody@rcpt.example', 'carol@rcpt.example'] }),
    ),
  )
})

title(
  '5. The server hangs up after the final dot: nobody knows whether it was delivered, so it is not sent again',
)
await against(
  { on: { DOT: { accept: true, then: { close: 'fin' } } } },
  { retry: true },
  async (mailer, server) => {
    const error = await caught(mailer.send(hello))
    show(error)
    console.log(
      `  retry() may make three attempts and made ${server.connections.length}: another one could deliver a second copy`,
    )
    console.log(formatTranscript(error.transcript, { color }))
  },
)
