import type { Terminal } from '../terminal/terminal.ts'
import type { Asked } from './asked.ts'
import { endWithin, quietConsole, watchLoading } from '../module/foreign-code.ts'
import { findFixes } from './fixes/find-fixes.ts'
import { LiveReport } from './live-report.ts'
import { printReport } from './print-report.ts'
import type { Fix, Report, Step } from './report.ts'
import { reportJson } from './report-json.ts'
import { checkSender, examineSender } from './sender/examine-sender.ts'
import { containerStep } from './target/container-step.ts'
import { readTarget } from './target/read-target.ts'
import { urlSecrets } from '../terminal/url-secrets.ts'
import type { Target, Wishes } from './target.ts'
import { verdictOf } from './verdict-of.ts'
import { walkAsTheApplication } from './walk-as-the-application.ts'
import type { Walk } from './walk.ts'

/**
 * Examines a target, and prints what it finds.
 *
 * @returns whether nothing failed
 * @throws UsageError
 */
export async function runDoctor(terminal: Terminal, asked: Asked): Promise<boolean> {
  const { source, json } = asked
  const live = json ? undefined : new LiveReport(terminal)
  const isForeign = source && source.transport !== undefined
  const release = isForeign ? quietConsole(terminal) : undefined
  // It is said before the walk what is wrong with the command line, and that a package is missing.
  if (asked.sender) await checkSender(asked.sender.domain, asked.sender)
  try {
    const { report, words } = await examine(terminal, asked, live, release)
    live?.clear()
    if (terminal.interrupted.aborted) return false
    if (json) terminal.printJson(reportJson(report))
    else printReport(terminal, report, words)
    return report.verdict !== 'fail'
  } finally {
    live?.clear()
    // What the application's own file has opened would keep the program alive.
    if (isForeign) endWithin(1000)
  }
}

async function examine(
  terminal: Terminal,
  { source, sender, fixes: areWanted, ...asked }: Asked,
  live: LiveReport | undefined,
  onSecretsKnown: (() => void) | undefined,
): Promise<{ report: Report; words: Target['words'] }> {
  const steps: Step[] = []
  const onStep = (step: Step): void => {
    steps.push(step)
    live?.step(step)
  }
  const lookAtSender = (address: string | undefined): Promise<unknown> | undefined =>
    sender &&
    examineSender(sender.domain, { ...sender, serverIp: address, signal: terminal.interrupted, onStep })
  if (!source) {
    await lookAtSender(undefined)
    const report: Report = {
      url: sender!.domain,
      verdict: verdictOf(steps, undefined),
      steps,
      fixes: [],
      isSenderOnly: true,
    }
    return { report, words: 'url' }
  }
  const wishes: Wishes = { ...asked.wishes, signal: terminal.interrupted, onStep, onWait: live?.waitFor }
  const isLoaded = source.transport === undefined ? undefined : watchLoading(terminal, source.transport)
  const target = await readTarget(terminal, source).finally(isLoaded)
  onSecretsKnown?.()
  if (source.url !== undefined) warnOfCommandLine(terminal, source.url)
  for (const step of target.steps) onStep(step)
  const walked = await walkAsTheApplication(target, wishes)
  for (const step of containerStep(target, walked?.failure)) onStep(step)
  const failure = target.failure ?? walked?.failure
  const fixes = await fixesFor(target, walked, steps, wishes, areWanted, live)
  live?.clear()
  if (!wishes.signal.aborted) await lookAtSender(addressIn(steps))
  const report = { url: target.url, verdict: verdictOf(steps, failure), steps, failure, fixes }
  return { report, words: target.words }
}

/** The first address of the server that was connected to. */
function addressIn(steps: readonly Step[]): string | undefined {
  const connected = steps.find(({ stage, verdict }) => stage === 'connect' && verdict === 'pass')
  return connected && /TCP to \[?([\d.]+|[\da-f:]+)\]?:\d+$/i.exec(connected.name)?.[1]
}

async function fixesFor(
  target: Target,
  walked: Walk | undefined,
  steps: readonly Step[],
  wishes: Wishes,
  areWanted: boolean,
  live: LiveReport | undefined,
): Promise<readonly Fix[]> {
  const { repaired } = target
  if (wishes.signal.aborted) return []
  if (repaired && walked && !walked.failure) return [{ ...repaired, verified: true }]
  const first = walked?.failure ?? target.failure
  if (!areWanted) return repaired ? [repaired] : []
  // Options that cannot be used are of no use for a trial.
  return findFixes(
    walked ? target : { ...target, options: undefined },
    first,
    steps,
    wishes,
    live && { onTry: live.trying },
  )
}

/** A password in the arguments is seen by others. */
function warnOfCommandLine(terminal: Terminal, url: string): void {
  if ([...urlSecrets(url)].every((secret) => secret === '')) return
  // The list of processes shows the title from now on.
  process.title = 'loudmail doctor'
  terminal.note(
    'The password is on the command line: the history of your shell keeps it, and other users of this machine can see it in the list of processes. Put the URL into a variable and use --env NAME, or leave the password out of the URL: then the doctor asks for it (--password-stdin and --password-env work as well).',
  )
}
