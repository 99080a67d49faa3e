import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loudmailPty } from '../pty.ts'
import { filledOutbox } from './filled-outbox.ts'

describe('the list in a terminal', () => {
  it('is a table with a heading and colours, and cut at the edge of the window', async () => {
    const { file, ids, look } = await filledOutbox()
    const subject = 'A subject that is longer than any window that people have '.repeat(4)
    await look((box) =>
      box.enqueue({ from: 'ann@sender.example', to: 'bob@rcpt.example', subject, text: 'Hi' }),
    )
    for (const columns of [100, 150]) {
      await using terminal = loudmailPty(['outbox', 'list', '--store', file], { columns })
      expect(await terminal.ended).toBe(0)
      expect(terminal.output).toContain(`${ids.gone}  \x1b[31mdead     \x1b[39m`)
      expect(terminal.output).toContain(`${ids.lost}  \x1b[33min-doubt \x1b[39m`)
      const lines = stripVTControlCharacters(terminal.output).trimEnd().split('\r\n')
      expect(lines).toHaveLength(6)
      expect(lines[0]).toMatch(/^id {36}state {6}when {12}what$/)
      expect(Math.max(...lines.map((line) => line.length))).toBe(columns)
      expect(lines.at(-1)).toMatch(/…$/)
    }
  })

  it('has no colours under NO_COLOR', async () => {
    const { file } = await filledOutbox(['gone'])
    await using terminal = loudmailPty(['outbox', 'list', '--store', file], { env: { NO_COLOR: '1' } })
    expect(await terminal.ended).toBe(0)
    expect(terminal.output).not.toContain('\x1b')
  })
})
