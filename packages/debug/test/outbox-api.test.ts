import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { outbox, worker } from '@loudmail/outbox'
import { describe, expect, it } from 'vitest'
import { outboxPage, type ShownOutbox } from '../src/index.ts'
import { BUSY, GONE, NOBODY, runningOutbox, runningPage, serving } from './running-outbox.ts'

/** What the API answers, as a program reads it. */
async function ask(url: string, method = 'GET') {
  const answer = await fetch(url, { method })
  const type = answer.headers.get('content-type')
  return {
    status: answer.status,
    type,
    allow: answer.headers.get('allow'),
    // oxlint-disable-next-line typescript/no-explicit-any
    body: (await answer.json()) as any,
  }
}

describe('the API of an outbox', () => {
  it('counts', async () => {
    const { box, url, enqueue } = await runningPage()
    await enqueue({}, { sendAt: new Date(Date.now() - 60_000) })
    await enqueue({}, { sendAt: new Date(Date.now() + 60_000) })
    const { status, body } = await ask(`${url}api/counts`)
    expect(status).toBe(200)
    expect(body).toEqual({ ...(await box.counts()), oldestWaitingMs: expect.any(Number) })
    expect(body).toMatchObject({ waiting: 1, scheduled: 1, dead: 0 })
    expect(body.oldestWaitingMs).toBeGreaterThanOrEqual(60_000)
  })

  it('lists entries page by page, the newest first', async () => {
    const { url, enqueue } = await runningPage()
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.unshift(await enqueue({ subject: `${n}` }))
    const found: string[] = []
    const sizes: number[] = []
    let next: string | undefined = `${url}api/entries?state=waiting&limit=2`
    while (next !== undefined) {
      const { body } = await ask(next)
      found.push(...body.entries.map(({ id }: { id: string }) => id))
      sizes.push(body.entries.length)
      next = body.nextUrl
    }
    expect([found, sizes]).toEqual([ids, [2, 2, 1]])
    expect((await ask(`${url}api/entries?state=dead`)).body).toEqual({ entries: [] })
  })

  it('has everything that is known of an entry', async () => {
    const { url, enqueue, work } = await runningPage()
    const id = await enqueue({
      to: ['bob@rcpt.example', NOBODY],
      subject: 'Grüße',
      messageId: '<tea-1@sender.example>',
      idempotencyKey: 'order-1',
    })
    await work({ [id]: 'dead' })
    const { entries } = (await ask(`${url}api/entries?state=dead`)).body
    expect(entries).toEqual([
      expect.objectContaining({
        id,
        state: 'dead',
        subject: 'Grüße',
        code: 'rcpt-to/mailbox-unknown',
        url: `${url}api/entries/${id}`,
        pageUrl: `${url}?mail=${id}`,
      }),
    ])
    expect(entries[0]).not.toHaveProperty('failures')
    const { body } = await ask(entries[0].url)
    expect(body).toMatchObject({
      id,
      from: 'ann@sender.example',
      to: ['bob@rcpt.example', NOBODY],
      messageId: '<tea-1@sender.example>',
      idempotencyKey: 'order-1',
      attempts: 1,
      recipients: [
        { address: 'bob@rcpt.example', status: 'accepted' },
        { address: NOBODY, status: 'rejected', permanence: 'permanent' },
      ],
      failures: [{ code: 'rcpt-to/mailbox-unknown', hint: expect.any(String), reply: { code: 550 } }],
    })
    expect(new Date(body.giveUpAt).getTime()).toBeGreaterThan(Date.now())
    expect(body.failures[0].transcript.map(({ text }: { text: string }) => text).join('\n')).toMatch(
      /RCPT TO:<nobody@rcpt\.example>[^]*550 5\.1\.1/,
    )
    expect((await fetch(body.pageUrl)).status).toBe(200)
  })

  it('sends again, discards and settles, and answers with the entry', async () => {
    const { url, enqueue, work } = await runningPage()
    const again = await enqueue({ to: BUSY })
    const arrived = await enqueue({ to: GONE })
    const lost = await enqueue({ to: GONE })
    await work({ [again]: 'scheduled', [arrived]: 'in-doubt', [lost]: 'in-doubt' })
    const state = async (path: string): Promise<string> => {
      const { status, body } = await ask(`${url}api/entries/${path}`, 'POST')
      expect([path, status]).toEqual([path, 200])
      return body.state
    }
    expect(await state(`${again}/retry`)).toBe('waiting')
    expect(await state(`${again}/discard`)).toBe('discarded')
    expect(await state(`${arrived}/resolve?outcome=delivered`)).toBe('sent')
    expect(await state(`${lost}/resolve?outcome=not-delivered`)).toBe('waiting')
  })

  it('answers 409 if the state of the entry does not allow it', async () => {
    const { box, url, enqueue } = await runningPage()
    const id = await enqueue()
    await box.discard(id)
    for (const action of ['retry', 'discard', 'resolve?outcome=delivered'])
      expect(await ask(`${url}api/entries/${id}/${action}`, 'POST')).toMatchObject({
        status: 409,
        type: 'application/problem+json',
        body: { title: 'Conflict', detail: 'Nothing was changed: the entry is discarded.' },
      })
  })

  it.each([
    ['GET', 'api', 404, 'The API begins at'],
    ['GET', 'api/entries/nothing', 404, 'There is no such entry'],
    ['POST', 'api/entries/nothing/retry', 404, 'There is no such entry'],
    ['GET', 'api/entries/nothing/drop', 404, 'The API begins at'],
    ['POST', 'api/entries/nothing/resolve', 400, 'outcome must be'],
    ['POST', 'api/entries/nothing/resolve?outcome=retry', 400, 'outcome must be'],
    ['GET', 'api/entries?state=lost', 400, 'state must be one of waiting, scheduled'],
    ['GET', 'api/entries?limit=0', 400, 'limit must be'],
    ['GET', 'api/entries?limit=1001', 400, 'limit must be'],
    ['GET', 'api/entries?before=%0d%0a', 400, 'before must be'],
    ['GET', 'api/entries?sort=up', 400, 'There is no parameter "sort"'],
    ['DELETE', 'api/entries', 405, 'Only GET, HEAD'],
    ['GET', 'api/entries/nothing/retry', 405, 'Only POST'],
  ])('%s %s is %d', async (method, path, status, detail) => {
    const { url } = await runningPage()
    expect(await ask(url + path, method)).toMatchObject({
      status,
      type: 'application/problem+json',
      body: { status, detail: expect.stringContaining(detail) },
    })
  })

  it('tells of an outbox that cannot be read', async () => {
    const { box } = await runningOutbox()
    const broken: ShownOutbox = { ...box, counts: () => Promise.reject(new Error('the disk is gone')) }
    const url = await serving(outboxPage(broken, { authorize: () => true }))
    expect(await ask(`${url}api/counts`)).toMatchObject({
      status: 500,
      type: 'application/problem+json',
      body: { detail: expect.stringContaining('the disk is gone') },
    })
  })

  it('has no password, also if the server repeats it', async () => {
    const { box } = await runningOutbox()
    await using server = await startServer({
      caps: ['AUTH PLAIN'],
      on: { RCPT: '550 5.7.1 sesame was not enough' },
    })
    const url = server.url.replace('//', '//ann:sesame@')
    const guarded = outbox(smtp(url), { store: box.store })
    const { id } = await guarded.enqueue({ from: 'a@sender.example', to: 'b@rcpt.example', text: 'x' })
    await using sender = worker(guarded, { pollMs: 20, observe: (event) => void event.error })
    await expect.poll(async () => (await guarded.get(id))?.state).toBe('dead')
    await sender.close()
    const shown = await serving(outboxPage(guarded, { authorize: () => true }))
    const plain = Buffer.from('\0ann\0sesame').toString('base64')
    for (const path of [
      '',
      'api/entries',
      `api/entries/${id}`,
      `?mail=${id}`,
      `?mail=${id}&view=conversation`,
    ]) {
      const body = await (await fetch(shown + path)).text()
      expect(body).not.toContain('sesame')
      expect(body).not.toContain(plain)
    }
    expect(await (await fetch(`${shown}api/entries/${id}`)).text()).toContain('was not enough')
  })
})

it('an outbox of @loudmail/outbox is what the page asks for', async () => {
  const { box } = await runningOutbox()
  const shown: ShownOutbox = box
  expect(shown.name).toContain('outbox(')
})
