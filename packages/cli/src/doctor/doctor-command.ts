import { InvalidArgumentError, type Command } from 'commander'
import { EXIT, type Finish } from '../exit-status.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { UsageError } from '../usage-error.ts'
import { OPTION_WORDS } from '../usage/option-words.ts'
import type { Asked } from './asked.ts'

const EXAMPLES = `
Examples:
  $ loudmail doctor smtp://ann%40example.com@mail.example.com:587
      asks for the password, and walks up to MAIL FROM; nothing is sent
  $ loudmail doctor --env MAIL_URL --to bob@example.net
      reads the variable as your application does, from the environment or from .env
  $ loudmail doctor --env SMTP
      reads SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASS and SMTP_SECURE
  $ loudmail doctor --env MAIL_URL --pid 4711
      the same, as the running process 4711 sees it (Linux)
  $ loudmail doctor --transport ./src/mail.ts
      examines what that file exports: a transport, or a nodemailer transporter
  $ loudmail doctor --sender example.com --selector mail
      checks MX, SPF, DKIM and DMARC of a domain; with a URL, the server as well
  $ loudmail doctor --env MAIL_URL --json
      prints one object for programs

It ends with 0 if all is well or there are only warnings, with 1 if something fails, with 2 if the command line is wrong.
`

/** Adds `doctor`: finds out why mail fails. */
export function addDoctorCommand(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('doctor')
    .summary('find out why mail fails, and which change makes it work')
    .description(
      'Walk through the steps of a send, show what the server says at each, and try what may make it work. Nothing is sent without --send.',
    )
    .argument('[url]', 'what to examine: smtp://user@mail.example.com:587, smtps:// or lmtp://')
    .optionsGroup('What to examine instead of a URL:')
    .option('--env <name>', `${OPTION_WORDS.env}; SMTP stands for SMTP_HOST, SMTP_PORT, ...`)
    .option(
      '--transport <file>',
      'load this file, whose default export is a transport, a transporter or options',
    )
    // Node itself takes --env-file, even behind the name of the program.
    .option('--dotenv <file>', 'read variables from this file, not from .env; repeat it for more', append)
    .option('--pid <number>', 'read the environment of this running process (Linux)', wholeNumber)
    .option('--part <number>', 'take this one of the URLs inside failover(...)', wholeNumber, 1)
    .optionsGroup('What to try:')
    .option('--from <address>', OPTION_WORDS.from)
    .option('--to <address>', OPTION_WORDS.to, append)
    .option('--send', 'send a real message to these recipients')
    .option('--size <size>', 'the size of the largest message, such as 20mb', size)
    .option('--timeout <seconds>', 'wait so long for a step', seconds, 15)
    .option('--no-fixes', 'do not try changes that may help')
    .option('--no-log-in', 'do not log in')
    .optionsGroup('Who logs in:')
    .option('--user <name>', 'log in as this user, instead of the one in the URL')
    .option('--password-env <name>', OPTION_WORDS.passwordEnv)
    .option('--password-stdin', OPTION_WORDS.passwordStdin)
    .optionsGroup('What receivers see:')
    .option('--sender <domain>', 'check MX, SPF, DKIM and DMARC of this domain')
    .option('--selector <name>', 'the DKIM selector')
    .option('--ip <address>', 'the address that the mail comes from')
    .option('--dns-server <address>', 'ask this name server; repeat it for more', append)
    .optionsGroup('Output:')
    .option('--json', OPTION_WORDS.json)
    .addHelpText('after', EXAMPLES)
    .action(async (url: string | undefined, options: Flags) => {
      const asked = askedFor(url, options)
      const { runDoctor } = await import('./run-doctor.ts')
      const passed = await runDoctor(terminal, asked)
      finish(passed ? EXIT.ok : EXIT.failed)
    })
}

/** What commander gives. */
interface Flags {
  readonly env?: string
  readonly transport?: string
  readonly dotenv?: readonly string[]
  readonly pid?: number
  readonly part: number
  readonly from?: string
  readonly to?: readonly string[]
  readonly send?: boolean
  readonly size?: number
  readonly timeout: number
  readonly fixes: boolean
  readonly logIn: boolean
  readonly user?: string
  readonly passwordEnv?: string
  readonly passwordStdin?: boolean
  readonly sender?: string
  readonly selector?: string
  readonly ip?: string
  readonly dnsServer?: readonly string[]
  readonly json?: boolean
}

function askedFor(url: string | undefined, flags: Flags): Asked {
  const { env, transport, dotenv, pid, part, user, passwordEnv, passwordStdin = false, logIn } = flags
  const {
    from,
    to = [],
    send = false,
    size: sizeOctets,
    timeout,
    fixes,
    sender,
    selector,
    ip,
    dnsServer,
    json,
  } = flags
  const targets = [url, env, transport].filter((each) => each !== undefined).length
  if (targets > 1 || (targets === 0 && sender === undefined))
    throw new UsageError(
      'give a URL, --env NAME or --transport FILE, and only one of them; or --sender DOMAIN alone',
    )
  if (send && to.length === 0) throw new UsageError('--send needs a recipient: add --to ADDRESS')
  if (passwordEnv !== undefined && passwordStdin)
    throw new UsageError('give --password-env or --password-stdin, not both')
  if (sender === undefined && (selector !== undefined || ip !== undefined || dnsServer !== undefined))
    throw new UsageError('--selector, --ip and --dns-server need --sender DOMAIN')
  return {
    source: targets > 0 && {
      url,
      env,
      transport,
      envFiles: dotenv ?? [],
      pid,
      part,
      user,
      passwordEnv,
      passwordStdin,
      logIn,
    },
    wishes: { from, to, send, sizeOctets, timeoutMs: timeout * 1000 },
    sender: sender === undefined ? undefined : { domain: sender, selector, ip, servers: dnsServer },
    fixes,
    json: json ?? false,
  }
}

function append(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(value)
}

function seconds(value: string): number {
  const number = Number(value)
  if (!(number > 0 && number <= 3600))
    throw new InvalidArgumentError('It must be a number of seconds, at most 3600.')
  return number
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

function size(value: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(value.trim())
  if (!found) throw new InvalidArgumentError('It must be a size such as 500kb or 20mb.')
  return Math.round(Number(found[1]) * UNITS[found[2]!.toLowerCase()]!)
}
