import { describe, expect, it } from 'vitest'
import { FRAMEWORKS } from '../../src/dev/settings/frameworks.ts'
import { latest, program, runningDev } from './running-dev.ts'

/** What is to be pasted. */
function pasted(stdout: string): string {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('    '))
    .map((line) => line.slice(4))
    .join('\n')
}

describe('the settings', () => {
  it('are printed for every framework, with the port that is open', async () => {
    const { output, smtpPort } = await runningDev(['--settings'])
    const parts = output.stdout.split(/\n\n(?=\S)/).filter((part) => part.includes('\n    '))
    expect(parts).toHaveLength(FRAMEWORKS.length)
    for (const part of parts) {
      expect(part).toContain(String(smtpPort))
      expect(part).toContain('127.0.0.1')
    }
  })

  it('for Node work as they are', async () => {
    const dev = await runningDev(['--settings', 'node'])
    const sent = await program(process.execPath, [
      '--input-type=module',
      '-e',
      `
import nodemailer from 'nodemailer'
${pasted(dev.output.stdout)}
await transport.sendMail({ from: 'ann@sender.example', to: 'bob@rcpt.example', text: 'Hi' })`,
    ])
    expect(sent).toEqual({ output: '', status: 0 })
    expect((await latest(dev, { to: 'bob@rcpt.example' })).state).toBe('captured')
  })

  it.each(['none', 'starttls', 'implicit'])(
    'for Node and Python work with a log-in and --tls %s',
    async (tls) => {
      const env = { MAIL_PASSWORD: 'a secret of the test' }
      const dev = await runningDev(
        ['--settings', '--tls', tls, '--user', 'ann', '--password-env', 'MAIL_PASSWORD'],
        { env },
      )
      const [, node = ''] = /Node, with nodemailer\n\n(.*?)\n\n/s.exec(dev.output.stdout) ?? []
      const [, python = ''] = /Python, with smtplib\n\n(.*?)\n\n/s.exec(dev.output.stdout) ?? []
      const ofNode = await program(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `
import nodemailer from 'nodemailer'
${pasted(node)}
await transport.sendMail({ from: 'ann@sender.example', to: 'node@rcpt.example', text: 'Hi' })`,
        ],
        { env },
      )
      expect(ofNode).toEqual({ output: '', status: 0 })
      const ofPython = await program('python3', ['-'], {
        env,
        input: `
import os, smtplib
from email.message import EmailMessage
message = EmailMessage()
message["From"], message["To"] = "ann@sender.example", "python@rcpt.example"
${pasted(python)}`,
      })
      expect(ofPython).toEqual({ output: '', status: 0 })
      expect((await latest(dev, { to: 'python@rcpt.example' })).state).toBe('captured')
    },
  )
})
