import { describe, expect, it } from 'vitest'
import { hookServer, type HookServer } from './hook-server.ts'
import { DELIVERED } from './provider-events.ts'
import { PROVIDERS, seconds, type SignedRequest } from './signers.ts'

const SIGNED = ['Resend', 'SendGrid', 'Mailgun']
const start = (name: string): Promise<HookServer> => hookServer(PROVIDERS[name]!.source())
const request = (name: string, signing = {}): SignedRequest => PROVIDERS[name]!.sign(DELIVERED[name], signing)

describe.each(Object.keys(PROVIDERS))('a request of %s', (name) => {
  it('is believed as it was sent', async () => {
    const { post, told } = await start(name)
    expect((await post(request(name))).status).toBe(200)
    expect(told).toMatchObject([{ type: 'delivered', recipient: 'ann@example.com' }])
  })

  it('is refused with another secret', async () => {
    const { post, told, reports } = await start(name)
    const secret = name === 'Resend' ? `whsec_${Buffer.from('strange key').toString('base64')}` : 'strange'
    expect((await post(request(name, { secret }))).status).toBe(401)
    expect(told).toEqual([])
    expect(reports).toMatchObject([{ kind: 'refused', provider: name, status: 401 }])
  })

  it('is refused without each of its headers, with each of them empty, and with a word beside it', async () => {
    const { post, told } = await start(name)
    const { headers, body } = request(name)
    for (const header of Object.keys(headers)) {
      if (header === 'content-type') continue
      const { [header]: value, ...rest } = headers
      expect((await post({ body, headers: rest })).status).toBe(401)
      expect((await post({ body, headers: { ...rest, [header]: '' } })).status).toBe(401)
      expect((await post({ body, headers: { ...rest, [`x-${header}`]: value! } })).status).toBe(401)
      expect((await post({ body, headers: { ...rest, [header]: `x${value!}` } })).status).toBe(401)
    }
    expect(told).toEqual([])
  })

  it('is refused without a body, and with half of it', async () => {
    const { post, told } = await start(name)
    const { headers, body } = request(name)
    for (const half of ['', ' ', body.slice(0, body.length / 2), body.slice(1), body.slice(0, -1)]) {
      const { status } = await post({ headers, body: half })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
    }
    expect(told).toEqual([])
  })

  it('is refused if it says that it is no JSON, or is none', async () => {
    const { post, told } = await start(name)
    const { headers, body } = request(name)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'json'])
      expect((await post({ body, headers: { ...headers, 'content-type': type } })).status).toBe(415)
    expect(told).toEqual([])
    const right = ['application/json; charset=utf-8', 'application/cloudevents+json', 'APPLICATION/JSON']
    for (const type of right) {
      const fresh = request(name)
      const as = { ...fresh.headers, 'content-type': type }
      expect((await post({ ...fresh, headers: as })).status).toBe(200)
    }
  })
})

describe.each(SIGNED)('a signature of %s', (name) => {
  // Mailgun tries again for eight hours, with the same signature.
  const oldest = name === 'Mailgun' ? 32_400 : 300
  it.each([-oldest - 1, -oldest * 12, -86_400 * 365, oldest + 1, oldest * 12, 86_400 * 365])(
    'is refused %i s from now',
    async (offset) => {
      const { post, told } = await start(name)
      expect((await post(request(name, { time: seconds() + offset }))).status).toBe(401)
      expect(told).toEqual([])
    },
  )

  it('is taken again after a failure, for as long as the provider tries', async () => {
    let isDown = true
    const { post, told } = await hookServer(PROVIDERS[name]!.source(), () => {
      if (isDown) throw new Error('the database is down')
    })
    const signed = request(name, { time: seconds() - oldest + 60 })
    expect((await post(signed)).status).toBe(500)
    isDown = false
    expect((await post(signed)).status).toBe(200)
    expect(told).toHaveLength(2)
  })

  it.each([Number.NaN, -1, 1.5, 1e21])('is refused with the time %d', async (time) => {
    const { post, told } = await start(name)
    expect((await post(request(name, { time }))).status).toBe(400)
    expect(told).toEqual([])
  })

  it('is refused with each octet of the body changed', async () => {
    const { post, told } = await start(name)
    const signed = request(name)
    // Mailgun signs only a token. Once it was used, it signs nothing else.
    if (name === 'Mailgun') expect((await post(signed)).status).toBe(200)
    const before = told.length
    const octets = Buffer.from(signed.body)
    const statuses = await Promise.all(
      [...octets.keys()].map(async (at) => {
        const body = Buffer.from(octets)
        body[at] = body[at]! ^ 1
        return (await post({ ...signed, body })).status
      }),
    )
    expect(statuses.every((status) => status >= 400 && status < 500)).toBe(true)
    expect(told).toHaveLength(before)
  })
})

describe.each(['Resend', 'SendGrid'])('the headers of %s', (name) => {
  it('are refused with each octet changed', async () => {
    const { post, told } = await start(name)
    const { headers, body } = request(name)
    for (const [header, value] of Object.entries(headers)) {
      if (header === 'content-type') continue
      for (const at of value.length > 40 ? [3, 9, 20, value.length - 4] : value.split('').keys()) {
        const octet =
          value[at] === 'a' ? 'b' : /\d/.test(value[at]!) ? String((Number(value[at]) + 1) % 10) : 'a'
        const changed = value.slice(0, at) + octet + value.slice(at + 1)
        expect((await post({ body, headers: { ...headers, [header]: changed } })).status).toBe(401)
      }
    }
    expect(told).toEqual([])
  })
})
