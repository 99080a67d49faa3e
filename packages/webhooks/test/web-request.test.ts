import { describe, expect, it } from 'vitest'
import {
  handleWebRequest,
  readWebhook,
  resendWebhook,
  type MailNews,
  type WebhookReport,
} from '../src/index.ts'
import { resendEvent } from './payloads/resend.ts'
import { RESEND_SECRET, signResend, type SignedRequest } from './signers.ts'

const source = resendWebhook({ secret: RESEND_SECRET })
const event = resendEvent('email.delivered')
const requestOf = ({ headers, body }: SignedRequest): Request =>
  new Request('https://shop.example/hooks/resend', { method: 'POST', headers, body })

describe('a handler of web requests', () => {
  it('answers like that of Node', async () => {
    const told: MailNews[] = []
    const reports: WebhookReport[] = []
    const onProblem = (report: WebhookReport): void => void reports.push(report)
    const handle = handleWebRequest(source, (news) => told.push(news), { onProblem })
    const signed = signResend(event)
    const answer = await handle(requestOf(signed))
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n'])
    const again = await handle(requestOf(signed))
    expect(again.status).toBe(409)
    expect(again.headers.get('content-type')).toBe('application/problem+json')
    expect(await again.json()).toMatchObject({ status: 409, title: expect.any(String) as string })
    expect((await handle(requestOf({ ...signed, body: `${signed.body} ` }))).status).toBe(401)
    const get = await handle(new Request('https://shop.example/hooks/resend'))
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect(told).toHaveLength(1)
    expect(reports.map((report) => report.status)).toEqual([409, 401, 405])
  })

  it('bounds a stream without a length, and stops it', async () => {
    let isStopped = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.alloc(1_000)),
      cancel: () => void (isStopped = true),
    })
    const handle = handleWebRequest(source, () => {}, { maxBytes: 5_000, onProblem: () => {} })
    const init = { method: 'POST', body, duplex: 'half' } as const
    expect((await handle(new Request('https://shop.example/', init))).status).toBe(413)
    expect(isStopped).toBe(true)
  })

  it('does not wait for a stream that does not go on, and stops it', async () => {
    let isStopped = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('half')),
      cancel: () => void (isStopped = true),
    })
    const handle = handleWebRequest(source, () => {}, { bodyTimeoutMs: 20, onProblem: () => {} })
    const init = { method: 'POST', body, duplex: 'half' } as const
    expect((await handle(new Request('https://shop.example/', init))).status).toBe(408)
    expect(isStopped).toBe(true)
  })

  it('believes a length that is too large', async () => {
    const handle = handleWebRequest(source, () => {}, { maxBytes: 10, onProblem: () => {} })
    const headers = { 'content-length': '11' }
    expect((await handle(new Request('https://shop.example/', { method: 'POST', headers }))).status).toBe(413)
  })

  it('refuses a body that is compressed', async () => {
    const { headers, body } = signResend(event)
    const handle = handleWebRequest(source, () => {}, { onProblem: () => {} })
    const request = requestOf({ headers: { ...headers, 'content-encoding': 'br' }, body })
    expect((await handle(request)).status).toBe(415)
  })

  it('says so if somebody has read the body before', async () => {
    const request = requestOf(signResend(event))
    await request.json()
    const answer = await handleWebRequest(source, () => {}, { onProblem: () => {} })(request)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('was read before')
  })

  it('a stream that breaks is refused', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    const handle = handleWebRequest(source, () => {}, { onProblem: () => {} })
    expect(
      (await handle(new Request('https://x.example/', { method: 'POST', body, duplex: 'half' }))).status,
    ).toBe(400)
  })
})

describe('readWebhook', () => {
  it('gives what a request says', async () => {
    const read = await readWebhook(source, requestOf(signResend(event, { id: 'msg_1' })))
    expect(read).toMatchObject({
      id: 'msg_1',
      unknown: [],
      news: [{ type: 'delivered', id: 'resend msg_1' }],
    })
  })

  it('throws if it must not be believed', async () => {
    const signed = signResend(event)
    const request = requestOf({ ...signed, body: signed.body.replace('ann', 'bob') })
    await expect(readWebhook(source, request)).rejects.toMatchObject({
      name: 'WebhookError',
      problem: 'signature',
      status: 401,
    })
    await expect(readWebhook(source, requestOf(signed), { maxBytes: 10 })).rejects.toMatchObject({
      status: 413,
    })
  })
})
