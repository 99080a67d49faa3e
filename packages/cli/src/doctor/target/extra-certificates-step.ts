import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Step } from '../report.ts'
import type { Application } from '../../environment/application.ts'
import { configStep } from './config-step.ts'
import type { Variables } from '../../environment/variables.ts'

const NAME = 'NODE_EXTRA_CA_CERTS'

/** Whether the authorities that Node is told to trust can be read. No step if it is told of none. */
export function extraCertificatesStep(application: Application, variables: Variables): Step[] {
  const path = application.env[NAME]
  if (!path) {
    const file = variables.files.find((each) => each.values[NAME])
    if (!file) return []
    const detail = `${NAME} is set in ${file.name} only, where it has no effect: Node reads it when the process starts. Set it in the environment.`
    return [configStep('warn', 'CA certificates', detail)]
  }
  const read = readExtraCertificates(resolve(application.folder, path))
  if (typeof read === 'string')
    return [
      configStep(
        'warn',
        'CA certificates',
        `${NAME}: ${read} (${path}). Node goes on without it, and trusts only its own authorities.`,
      ),
    ]
  const detail = `Node trusts ${read.length === 1 ? 'one more certificate' : `${read.length} more certificates`} from ${path} (${NAME}).`
  const isOld = read.every((certificate) => certificate.validToDate < new Date())
  return [
    isOld
      ? configStep('warn', 'CA certificates', `${detail} None is still valid.`)
      : configStep('pass', 'CA certificates', detail),
  ]
}

/** The certificates in a file, or why there are none. */
export function readExtraCertificates(path: string): X509Certificate[] | string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'the file does not exist'
      : 'the file cannot be read'
  }
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) return 'the file has no certificate in PEM format'
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return 'the file has a certificate that cannot be read'
  }
}
