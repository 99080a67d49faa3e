import type { Transport } from '@loudmail/core'
import type { Step } from './report.ts'
import type { Target, Wishes } from './target.ts'
import { walk, type Walk } from './walk.ts'

/**
 * Walks as the application would go. Undefined if there is nothing to walk with: the options cannot be used, and nobody
 * knows how they were meant.
 */
export async function walkAsTheApplication(target: Target, wishes: Wishes): Promise<Walk | undefined> {
  const { options, transport, failure, repaired } = target
  if ((failure && !repaired) || (!options && !transport)) return undefined
  return target.goesOnPlain && options ? walkIfNeededPlain(target, wishes) : walk(target, wishes)
}

/** A transporter of nodemailer that does not insist on STARTTLS goes on without it. */
async function walkIfNeededPlain(target: Target, wishes: Wishes): Promise<Walk> {
  const { options, transport } = target
  const told = new Set<string>()
  const held: Step[] = []
  const tell = (step: Step): void => {
    // It may be no fault.
    if (held.length > 0 || step.verdict === 'fail') return void held.push(step)
    told.add(step.name)
    wishes.onStep(step)
  }
  const encrypted = await walk(
    { ...target, transport: transport && notClosed(transport) },
    { ...wishes, onStep: tell },
  )
  if (encrypted.failure?.code !== 'tls/starttls-not-offered') {
    for (const step of held) wishes.onStep(step)
    await transport?.close?.()
    return encrypted
  }
  wishes.onStep(UNENCRYPTED)
  return walk(
    { ...target, options: { ...options!, tls: 'none', allowInsecureAuth: true } },
    { ...wishes, onStep: (step) => (told.has(step.name) ? undefined : wishes.onStep(step)) },
  )
}

const UNENCRYPTED: Step = {
  stage: 'tls',
  name: 'STARTTLS',
  verdict: 'warn',
  durationMs: 0,
  detail:
    'The server does not offer it. nodemailer goes on without encryption, because requireTLS is not set, and so does this walk.',
}

/** A walk closes the transport, and here another walk may follow. */
function notClosed(transport: Transport): Transport {
  return {
    name: transport.name,
    send: (message, context) => transport.send(message, context),
    ...(transport.verify && { verify: (context) => transport.verify!(context) }),
  }
}
