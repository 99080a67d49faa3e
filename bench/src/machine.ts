import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { findProgram } from './programs.ts'

const PACKAGES = ['nodemailer', '@nestjs-modules/mailer', '@upyo/smtp', 'emailjs']

/** The machine and the versions that the figures were measured with, one line each. */
export function machine(): string[] {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const packages = PACKAGES.map((name) => `${name} ${versionOf(name)}`)
  return [
    `Machine: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB; ${type()} ${release().split('.', 2).join('.')}`,
    `Node ${process.version}`,
    packages.join(', '),
    [
      output('python3', ['--version']),
      output('postconf', ['-h', 'mail_version']).replace(/^/, 'Postfix '),
    ].join(', '),
  ]
}

function versionOf(name: string): string {
  const path = join(import.meta.dirname, '..', 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

function output(program: string, values: readonly string[]): string {
  try {
    return execFileSync(findProgram(program), values, { encoding: 'utf8' }).trim()
  } catch {
    return 'not installed'
  }
}
