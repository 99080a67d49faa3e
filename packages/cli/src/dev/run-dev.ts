import { thrownInWords } from '@loudmail/core/transport'
import { folderStore, memoryStore } from '@loudmail/debug'
import { EXIT } from '../exit-status.ts'
import { endWithin } from '../module/foreign-code.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { announce } from './announce.ts'
import { checkStore, writeAuthority } from './check-files.ts'
import { checkedOptions } from './checked-options.ts'
import type { DevOptions } from './dev-options.ts'
import { Forwarding } from './forwarding.ts'
import { mailJson, mailLine } from './mail-line.ts'
import { openServers, PortTaken, type Servers } from './open-servers.ts'
import { readPreviews } from './read-previews.ts'
import { settingsText } from './settings/settings-text.ts'
import { untilStopped } from '../until-stopped.ts'

/** How long open connections, the store and forwarded mails may take at the end, in ms. */
const END_MS = 3_000
/** How long what the file of previews has begun may take after that, in ms. */
const FILE_END_MS = 500

/**
 * Catches mail until it is stopped.
 *
 * @returns the exit status
 * @throws UsageError for options that do not work
 */
export async function runDev(options: DevOptions, terminal: Terminal): Promise<number> {
  const checked = checkedOptions(options, terminal)
  if (options.store !== undefined) await checkStore(options.store)
  const previews = options.previews === undefined ? undefined : await readPreviews(options.previews, terminal)
  const limit = options.maxMessages
  const store = options.store === undefined ? memoryStore({ limit }) : folderStore(options.store, { limit })
  const forwarding = checked.forward && new Forwarding(checked.forward, options.smtpPort, store, terminal)
  // Before the ports are open, so that no signal is missed.
  const stopped = untilStopped(terminal)
  let servers: Servers | undefined
  try {
    servers = await openServers(store, checked, previews, {
      onKept: (mail, inboxUrl) => {
        if (options.json) terminal.printJsonLine(mailJson(mail, inboxUrl))
        else if (!options.quiet) terminal.print(mailLine(mail, terminal))
        forwarding?.forward(mail)
      },
      onNotKept: (error) => terminal.note(`loudmail: a mail could not be kept: ${thrownInWords(error)}`),
    })
    if (options.ca !== undefined) await writeAuthority(options.ca, servers.ca)
    if (options.settings !== undefined) {
      const say = (text: string): void => (options.json ? terminal.note(text) : terminal.print(text))
      say(settingsText(options.settings, { ...servers.place, user: checked.user, tls: options.tls }))
    }
    announce(servers, options, checked, terminal)
    await stopped.signal
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof PortTaken)) throw error
    terminal.note(`loudmail: ${error.message}`)
    return EXIT.failed
  } finally {
    stopped.forget()
    // Whatever hangs must not keep the program alive.
    setTimeout(
      () => process.exit(terminal.interrupted.aborted ? EXIT.interrupted : EXIT.ok),
      2 * END_MS,
    ).unref()
    await servers?.close()
    await forwarding?.close(END_MS)
    // Whatever the file has begun, such as a timer.
    if (previews) endWithin(FILE_END_MS)
  }
}
