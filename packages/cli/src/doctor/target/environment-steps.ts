import { isLoopback } from '@loudmail/core/transport'
import type { SmtpOptions } from '@loudmail/smtp'
import type { Step } from '../report.ts'
import type { Application } from '../../environment/application.ts'
import { configStep } from './config-step.ts'
import { extraCertificatesStep } from './extra-certificates-step.ts'
import type { Variables } from '../../environment/variables.ts'

const PROXIES = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
]

/** What the environment of the application does to its mail: certificates, checks that are off, proxies. */
export function environmentSteps(
  application: Application,
  variables: Variables,
  options: SmtpOptions | undefined,
): Step[] {
  return [
    ...extraCertificatesStep(application, variables),
    ...uncheckedStep(variables),
    ...proxyStep(application, options),
  ]
}

function uncheckedStep(variables: Variables): Step[] {
  const name = 'NODE_TLS_REJECT_UNAUTHORIZED'
  const [place] = variables.places(name)
  if (place?.value !== '0') return []
  const detail = `${name} is 0 in ${place.name}: every certificate is accepted, also that of an attacker. If the server's certificate has an authority of its own, name that one in NODE_EXTRA_CA_CERTS instead.`
  return [configStep('warn', 'TLS checks', detail)]
}

/** Programs such as curl work through a proxy where an application's mail does not. */
function proxyStep({ env, name }: Application, options: SmtpOptions | undefined): Step[] {
  const set = PROXIES.filter((each) => env[each])
  const isHere = options !== undefined && isLoopback(options.host)
  if (set.length === 0 || options?.proxy !== undefined || isHere) return []
  const verb = set.length === 1 ? 'is' : 'are'
  const detail = `${set.join(', ')} ${verb} set in ${name}. Mail does not use ${set.length === 1 ? 'it' : 'them'}: where only a proxy leads out of the network, set the option proxy of smtp().`
  return [configStep('pass', 'proxy variables', detail)]
}
