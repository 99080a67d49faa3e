import express from 'express'
import express4 from 'express4'
import { describe, expect, it } from 'vitest'
import { resendWebhook, webhook, type MailNews } from '../src/index.ts'
import { listen, post } from './hook-server.ts'
import { resendEvent } from './payloads/resend.ts'
import { RESEND_SECRET, signResend } from './signers.ts'

const event = resendEvent('email.delivered')

describe.each([
  ['5', express],
  ['4', express4],
])('Express %s', (_version, framework) => {
  const start = (): { app: express.Express; told: MailNews[]; hook: ReturnType<typeof webhook> } => {
    const told: MailNews[] = []
    const source = resendWebhook({ secret: RESEND_SECRET })
    const hook = webhook(source, (news) => told.push(news), { onProblem: () => {} })
    return { app: framework(), told, hook }
  }

  it('takes a webhook before express.json(), and other routes still have JSON', async () => {
    const { app, told, hook } = start()
    app.post('/hooks/resend', hook)
    app.use(framework.json())
    app.post('/orders', (request, response) => void response.json(request.body))
    const url = await listen(app)
    expect((await post(`${url}hooks/resend`, signResend(event))).status).toBe(200)
    expect(told).toHaveLength(1)
    const headers = { 'content-type': 'application/json' }
    expect((await post(`${url}orders`, { headers, body: '{"a":1}' })).body).toBe('{"a":1}')
  })

  it.each([
    ['express.raw()', () => framework.raw({ type: '*/*' })],
    ['express.text()', () => framework.text({ type: '*/*' })],
  ])('takes one after %s', async (_name, parser) => {
    const { app, told, hook } = start()
    app.post('/hooks/resend', parser(), hook)
    const url = await listen(app)
    expect((await post(`${url}hooks/resend`, signResend(event))).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('takes one after express.json() that keeps the raw body', async () => {
    const { app, told, hook } = start()
    const verify = (request: object, _response: unknown, body: Buffer): void => {
      Object.assign(request, { rawBody: body })
    }
    app.use(framework.json({ verify }))
    app.post('/hooks/resend', hook)
    const url = await listen(app)
    expect((await post(`${url}hooks/resend`, signResend(event))).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('takes one after express.json() that left its body alone', async () => {
    const { app, told, hook } = start()
    app.use('/api', framework.json())
    app.use(framework.json({ type: 'application/vnd.orders+json' }))
    app.post('/hooks/resend', hook)
    const url = await listen(app)
    expect((await post(`${url}hooks/resend`, signResend(event))).status).toBe(200)
    expect(told).toHaveLength(1)
  })

  it('says where to mount it if express.json() has read the body', async () => {
    const { app, told, hook } = start()
    app.use(framework.json())
    app.post('/hooks/resend', hook)
    const url = await listen(app)
    const answer = await post(`${url}hooks/resend`, signResend(event))
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('before express.json()')
    expect(told).toEqual([])
  })

  it('bounds a body that a parser has read', async () => {
    const { app, told } = start()
    const source = resendWebhook({ secret: RESEND_SECRET })
    const small = webhook(source, (news) => told.push(news), { maxBytes: 100, onProblem: () => {} })
    app.post('/', framework.raw({ type: '*/*' }), small)
    expect((await post(await listen(app), signResend(event))).status).toBe(413)
    expect(told).toEqual([])
  })
})
