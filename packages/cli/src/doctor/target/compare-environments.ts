import { readlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Step } from '../report.ts'
import type { Application } from '../../environment/application.ts'
import { configStep } from './config-step.ts'
import { readExtraCertificates } from './extra-certificates-step.ts'

/** Variables that change whom Node trusts, and how it connects. */
const NAMES = [
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_SYSTEM_CA',
  'NODE_OPTIONS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
]

/**
 * How the environment of a running process differs from that of this shell. Values are not told: they may be secrets.
 *
 * @param own the variables that the target is read from
 */
export function compareEnvironments(application: Application, own: readonly string[]): Step[] {
  const { pid, env } = application
  if (pid === undefined) return []
  const steps = [...new Set([...own, ...NAMES])].flatMap((name) => {
    if (env[name] === process.env[name]) return []
    const how =
      process.env[name] === undefined
        ? `only process ${pid} has it, not this shell.`
        : env[name] === undefined
          ? `only this shell has it, not process ${pid}.`
          : `process ${pid} has another value than this shell.`
    return [configStep('warn', 'environment', `${name}: ${how}`)]
  })
  if (isElsewhere(pid))
    steps.push(
      configStep(
        'warn',
        'network',
        `Process ${pid} is in another network, as in a container: what can be reached from here may not be reached from there. Run this doctor inside it to be sure.`,
      ),
    )
  return steps
}

/** Options that trust whom the process trusts, not whom this shell trusts. */
export function trustedAsIn({ pid, env, folder }: Application, options: SmtpOptions): SmtpOptions {
  if (pid === undefined) return options
  const path = env['NODE_EXTRA_CA_CERTS']
  const isUnchecked = env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
  const tlsOptions = { ...options.tlsOptions }
  if (path !== process.env['NODE_EXTRA_CA_CERTS'] && tlsOptions.ca === undefined) {
    const extra = path ? readExtraCertificates(resolve(folder, path)) : []
    const added = typeof extra === 'string' ? [] : extra.map((certificate) => certificate.toString())
    tlsOptions.ca = [...rootCertificates, ...added]
  }
  if (isUnchecked !== (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'))
    tlsOptions.rejectUnauthorized ??= !isUnchecked
  return Object.keys(tlsOptions).length === 0 ? options : { ...options, tlsOptions }
}

function isElsewhere(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net')
  } catch {
    return false
  }
}
