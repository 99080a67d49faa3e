import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'

const envelope = { from: 'ann@sender.example', to: 'bob@rcpt.example' }

/** The process warnings of a program that has not warned before, for raw messages in memory or as streams. */
async function warningsOf(contents: readonly string[], streamed: boolean): Promise<string[]> {
  vi.resetModules()
  const { toMessage } = await import('../src/transport.ts')
  const warnings: string[] = []
  const listen = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`)
  process.on('warning', listen)
  for (const content of contents) {
    const { raw } = toMessage({ raw: streamed ? () => content : content, envelope })
    if (streamed) for await (const chunk of raw!.open()) expect(chunk.length).toBeGreaterThan(0)
  }
  await turn()
  process.off('warning', listen)
  return warnings
}

const HIDDEN = 'Bcc: eve@hidden.example\r\n'

describe.each([
  ['in memory', false],
  ['as a stream', true],
])('a raw message %s', (_, streamed) => {
  it.each([
    `${HIDDEN}\r\n`,
    `From: a@b\r\n${HIDDEN}`,
    `From: a@b\nBCC:eve@hidden.example\n\n`,
    `From: a@b\rbcc : eve@hidden.example\r\r`,
    `From: a@b\nBcc:\n eve@hidden.example\n\n`,
    `From: a@b\nResent-Bcc: eve@hidden.example\n\n`,
    `\ufeff${HIDDEN}\r\n`,
    `From a@b\n${HIDDEN}\r\n`,
  ])('with Bcc costs a warning: %j', async (content) => {
    expect(await warningsOf([content], streamed)).toEqual([
      expect.stringMatching(/^LoudmailWarning: A raw message has a Bcc field\. .*every recipient/),
    ])
  })

  it.each([
    'From: a@b\n\nBcc: eve@hidden.example\n',
    'From: a@b\nBcc:\n\nx',
    'From: a@b\nBcc: \r\n \t\r\nTo: a@b\r\n\r\n',
    'From: a@b\nX-Bcc: eve@hidden.example\n\n',
    'From: a@b\nSubject: x\n Bcc: eve@hidden.example\n\n',
  ])('that shows nobody costs none: %j', async (content) => {
    expect(await warningsOf([content], streamed)).toEqual([])
  })

  it('costs one warning in a process, and the warning names nobody', async () => {
    const warnings = await warningsOf(
      Array.from({ length: 3 }, () => `${HIDDEN}\r\n`),
      streamed,
    )
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).not.toContain('hidden.example')
  })
})
