import { join } from 'node:path'
import { MailError } from '@loudmail/core'
import { describe, expect, it, vi } from 'vitest'
import { printFailure } from '../src/terminal/print-failure.ts'
import { Terminal } from '../src/terminal/terminal.ts'

async function printed(error: MailError, secret: string): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    const terminal = new Terminal()
    await terminal.keepSecrets()
    terminal.secrets.add(secret)
    printFailure(terminal, error)
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

describe('a printed failure', () => {
  it('shows no part of a password with blanks, also where a line is broken', async () => {
    const secret = 'correct horse battery staple '.repeat(5).trim()
    const text = `The password ${secret} is wrong`
    const reply = { protocol: 'smtp', code: 535, text } as const
    const shown = await printed(new MailError({ stage: 'auth', kind: 'bad-credentials', reply }), secret)
    expect(shown).toContain('The password <redacted> is wrong')
    expect(shown).not.toMatch(/horse|battery|staple/)
  })

  it('says where a template fails, with the mark under its column', async () => {
    const location = {
      file: join(process.cwd(), 'templates', 'welcome.hbs'),
      line: 3,
      column: 12,
      excerpt: '> 3 |   Hello {{secret}}\n    |            ^',
    }
    const error = new MailError({ stage: 'compose', kind: 'template', summary: 'no name', location })
    const lines = (await printed(error, 'secret')).split('\n')
    expect(lines.map((line) => line.trimEnd()).slice(1, 5)).toEqual([
      '  what happened   No name.',
      `  where           ${join('templates', 'welcome.hbs')}:3:12`,
      '  > 3 |   Hello {{<redacted>}}',
      '      |            ^',
    ])
  })

  it('begins with a capital letter, unless that is the name of a function', async () => {
    const of = (summary: string): Promise<string> =>
      printed(new MailError({ stage: 'config', kind: 'invalid-config', summary }), 'secret')
    expect(await of('the URL is empty')).toContain('  The URL is empty.')
    expect(await of('smtp() port must be a whole number')).toContain('  smtp() port must be')
  })

  it('does not say that the same happens again if the message may have been delivered', async () => {
    const recipients = [{ address: 'bob@example.org', status: 'unknown' }] as const
    const shown = await printed(new MailError({ stage: 'body', kind: 'timeout', recipients }), 'secret')
    expect(shown).toContain('another attempt could deliver it twice')
  })
})
