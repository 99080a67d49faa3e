import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Transport } from '@loudmail/core'

/** Makes a transport from a transporter of nodemailer, or from its options. */
type Adapter = (transporter: unknown) => Transport

/** `nodemailer()` of `@loudmail/nodemailer`, as the application has it, or else as this program has it. Undefined without either. */
export async function loadNodemailer(file: string): Promise<Adapter | undefined> {
  for (const from of [file, import.meta.url]) {
    try {
      const path = createRequire(from).resolve('@loudmail/nodemailer')
      const { nodemailer } = (await import(pathToFileURL(path).href)) as { nodemailer: Adapter }
      return nodemailer
    } catch {
      // It is not installed there, or nodemailer itself is not.
    }
  }
  return undefined
}
