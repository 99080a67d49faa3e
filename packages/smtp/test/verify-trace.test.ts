import type { Transcript } from '@loudmail/core'
import { startServer } from '@loudmail/server'
import { expect, it } from 'vitest'
import { smtp } from '../src/index.ts'

it('verify() gives its conversation to a trace, without secrets', async () => {
  await using server = await startServer({ caps: ['AUTH PLAIN'] })
  const auth = { user: 'ann@example.com', pass: 's3cret-word' }
  const recorded: Transcript[] = []
  const transport = smtp({ host: server.host, port: server.port, auth })
  await transport.verify!({ trace: { add: (transcript) => recorded.push(transcript) } })
  const texts = recorded.flatMap(({ entries }) => entries).map(({ text }) => text)
  expect(texts).toContain('AUTH PLAIN <redacted>')
  expect(texts.at(-1)).toMatch(/^235 |^QUIT$/)
  await transport.close!()
})
