import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { webhook, WebhookError } from '../src/index.ts'
import { hookServer, listen, post } from './hook-server.ts'
import { DELIVERED, UNKNOWN } from './provider-events.ts'
import { PROVIDERS, type SignedRequest } from './signers.ts'

/** Requests that are refused for every reason there is, with what a stranger has put in. */
function strange(name: string): SignedRequest[] {
  const { sign } = PROVIDERS[name]!
  const right = sign(DELIVERED[name])
  const names = Object.keys(right.headers).filter((header) => header !== 'content-type')
  return [
    right,
    right,
    sign(UNKNOWN[name]),
    sign(DELIVERED[name], { time: 1 }),
    sign(DELIVERED[name], { time: Number.NaN }),
    { ...right, headers: {} },
    { ...right, body: '{"stranger":' },
    { ...right, body: JSON.stringify({ stranger: 'x'.repeat(20_000) }) },
    { ...right, headers: { ...right.headers, 'content-type': 'text/stranger' } },
    ...names.map((header) => ({ ...right, headers: { ...right.headers, [header]: 'stranger' } })),
  ]
}

describe.each(Object.keys(PROVIDERS))('the secret of %s', (name) => {
  const { secrets, source } = PROVIDERS[name]!
  const expectNoSecret = (text: string): void => {
    for (const secret of secrets) expect(text).not.toContain(secret)
  }

  it('is in no answer, report and error, and an answer repeats nothing of the request', async () => {
    const { url, reports } = await hookServer(source(), () => {}, { maxBytes: 10_000 })
    for (const request of strange(name)) {
      const { body, headers } = await post(url, request)
      expectNoSecret(body + JSON.stringify([...headers]))
      expect(body).not.toContain('stranger')
      expect(body.length).toBeLessThan(600)
    }
    expect(reports.length).toBeGreaterThan(3)
    for (const { error } of reports) {
      expectNoSecret(inspect(error, { depth: 10, showHidden: true }))
      expect(error).toBeInstanceOf(WebhookError)
    }
  })

  it('is in no warning', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listener)
    try {
      const url = await listen(
        webhook(source(), () => Promise.reject(new Error('down')), { maxBytes: 10_000 }),
      )
      for (const request of strange(name)) await post(url, request)
      await expect.poll(() => warnings.length).toBeGreaterThan(3)
    } finally {
      process.off('warning', listener)
    }
    expectNoSecret(inspect(warnings, { depth: 10 }))
  })

  it('is not shown by the source', () => {
    expectNoSecret(inspect(source(), { depth: 10, showHidden: true }) + JSON.stringify(source()))
  })
})
