import { describe, expect, it } from 'vitest'
import { MailError, transportFromUrl, type Schemes, type Transport } from '../src/index.ts'
import { toBob } from './held.ts'
import { lost, scripted } from './scripted.ts'

const SECRET = 'hunter2hunter2'

const plain = (name: string): Transport => ({ ...scripted(), name })
const smtp: Schemes = { smtp: ({ hostname, search }) => plain(`smtp(${hostname}${search})`) }

const make = (text: string): Transport => transportFromUrl(text, smtp)

function refusalOf(text: string): MailError {
  try {
    make(text)
  } catch (error) {
    if (MailError.is(error, 'config/invalid-config')) return error
  }
  throw new TypeError('this was to be refused')
}

describe('a wrapper in a transport URL', () => {
  it.each([
    ['retry(smtp://a)', 'retry(smtp(a))'],
    ['retry(smtp://a)?attempts=5&delayMs=100&maxDelayMs=200', 'retry(smtp(a))'],
    ['retry(smtp://a)?budget=0.5', 'retry(smtp(a))'],
    ['retry(smtp://a)?budget=false', 'retry(smtp(a))'],
    ['failover(smtp://a smtp://b)?skipMs=5000', 'failover(smtp(a), smtp(b))'],
    ['roundrobin(smtp://a smtp://b)?weights=3,1&skipMs=0', 'roundRobin(smtp(a), smtp(b))'],
    ['roundRobin(smtp://a smtp://b)', 'roundRobin(smtp(a), smtp(b))'],
    ['breaker(smtp://a)?failureRate=0.25&minimum=4&windowMs=1000&openMs=500', 'breaker(smtp(a))'],
    [
      'retry(failover(breaker(smtp://a?x=1)?openMs=10 retry(smtp://b)?attempts=2)?skipMs=10)?attempts=3',
      'retry(failover(breaker(smtp(a?x=1)), retry(smtp(b))))',
    ],
    ['limit(smtp://a)?messages=100&intervalMs=500&concurrent=5&by=domain&queue=1000', 'limit(smtp(a))'],
    ['limit(smtp://a)?concurrent=5', 'limit(smtp(a))'],
    ['retry(smtp://a?x=1)', 'retry(smtp(a?x=1))'],
    ['failover(smtp://a?x=1,b smtp://b)', 'failover(smtp(a?x=1,b), smtp(b))'],
    ['dedupe(smtp://a)?windowMs=1000&most=5', 'dedupe(smtp(a))'],
    ['redirect(smtp://a)?to=qa@a.example,b@a.example&allow=corp.example,ann@b.example', 'redirect(smtp(a))'],
    ['tee(smtp://a redirect(smtp://b)?to=archive%40a.example)', 'tee(smtp(a), redirect(smtp(b)))'],
    ['  failover(\n  smtp://a\n  smtp://b\n)?skipMs=5  ', 'failover(smtp(a), smtp(b))'],
    ['roundrobin(smtp://a smtp://b)?weights=3%2C1', 'roundRobin(smtp(a), smtp(b))'],
  ])('%s is read', (text, name) => expect(make(text).name).toBe(name))

  it.each([
    ['retry(smtp://a)?attempts=0', 'retry() attempts must'],
    ['retry(smtp://a)?attempts=', 'retry() attempts must'],
    ['retry(smtp://a)?attempts=2.5', 'retry() attempts must'],
    ['retry(smtp://a)?delayMs=1s', 'retry() delayMs must'],
    ['retry(smtp://a)?maxDelayMs=-1', 'retry() maxDelayMs must'],
    ['retry(smtp://a)?budget=no', 'retry() budget must'],
    ['failover(smtp://a smtp://b)?skipMs=soon', 'failover() skipMs must'],
    ['roundrobin(smtp://a smtp://b)?skipMs=soon', 'roundRobin() skipMs must'],
    ['roundrobin(smtp://a smtp://b)?weights=3', 'roundRobin() weights must'],
    ['roundrobin(smtp://a smtp://b)?weights=3,1,1', 'roundRobin() weights must'],
    ['roundrobin(smtp://a smtp://b)?weights=3,0', 'roundRobin() weights must'],
    ['roundrobin(smtp://a smtp://b)?weights=3,0.5', 'roundRobin() weights must'],
    ['breaker(smtp://a)?failureRate=2', 'breaker() failureRate must'],
    ['breaker(smtp://a)?failureRate=0', 'breaker() failureRate must'],
    ['breaker(smtp://a)?minimum=0', 'breaker() minimum must'],
    ['breaker(smtp://a)?windowMs=0', 'breaker() windowMs must'],
    ['breaker(smtp://a)?openMs=x', 'breaker() openMs must'],
    ['limit(smtp://a)', 'limit() needs messages, concurrent, or both'],
    ['dedupe(smtp://a)?windowMs=0', 'dedupe() windowMs must'],
    ['dedupe(smtp://a)?most=many', 'dedupe() most must'],
    ['dedupe(smtp://a)?key=id', 'dedupe()'],
    ['redirect(smtp://a)', 'redirect() needs'],
    ['redirect(smtp://a)?to=nobody', 'redirect() to must'],
    ['redirect(smtp://a)?to=qa@a.example&allow=*.a.example', 'redirect() allow must'],
    ['tee(smtp://a)', 'tee'],
    ['tee(smtp://a smtp://b)?to=x', 'tee() in the transport URL has no options'],
    ['limit(smtp://a)?messages=0', 'limit() messages must'],
    ['limit(smtp://a)?messages=1&intervalMs=0', 'limit() intervalMs must'],
    ['limit(smtp://a)?concurrent=few', 'limit() concurrent must'],
    ['limit(smtp://a)?concurrent=1&by=sender', "limit() by must be 'domain'"],
    ['limit(smtp://a)?concurrent=1&queue=-1', 'limit() queue must'],
    ['failover(smtp://a smtp://b)?attempts=3', 'failover() in the transport URL has no option "attempts"'],
    ['failover(smtp://a smtp://b)?skipms=3', 'Did you mean skipMs?'],
    ['failover(smtp://a smtp://b)?skipMs=1&skipMs=2', 'skipMs twice'],
    ['failover(smtp://a smtp://b)?skipMs', 'name=value'],
    ['failover(smtp://a smtp://b)?', 'name=value'],
    [
      'failover(smtp://a smtp://b)?skipMs=%zz',
      'skipMs of failover() in the transport URL must be percent-encoded',
    ],
    ['failover(smtp://a smtp://b)&skipMs=1', 'only options may follow'],
    ['failover(smtp://a smtp://b) ?skipMs=1', 'only options may follow'],
    ['failover(smtp://a)', 'expected failover(url url ...) in the transport URL: failover() has 1 URL'],
    ['retry(smtp://a smtp://b)', 'expected retry(url) in the transport URL: retry() has 2 URLs'],
    ['failover(smtp://a, smtp://b)', 'separated by spaces, not by commas: failover(url url ...)'],
    ['failover(smtp://a ,smtp://b)', 'separated by spaces, not by commas'],
    ['failover(smtp://a , smtp://b)', 'separated by spaces, not by commas'],
    ['failover(smtp://a,smtp://b)', 'separated by spaces, not by commas'],
    ['tee(retry(smtp://a),retry(smtp://b))', 'separated by spaces, not by commas'],
    ['roundrobin(smtp://a)', 'expected roundrobin(url url ...)'],
    ['retry(smtp://a smtp://b)', 'expected retry(url)'],
    ['retry()', 'expected retry(url)'],
    ['breaker()', 'expected breaker(url)'],
    [
      'twice(smtp://a)',
      'there is retry(url), failover(url url ...), roundrobin(url url ...), limit(url), breaker(url)',
    ],
    ['constructor(smtp://a)', 'a wrapper that does not exist'],
    ['retry(smtp://a', 'parentheses'],
    ['retry(smtp://a) retry(smtp://b)', 'parentheses'],
  ])('%s is refused', (text, why) => expect(refusalOf(text).message).toContain(why))

  it.each([
    `failover(smtp://ann:${SECRET}@a smtp://b)?skipMs=${SECRET}`,
    `failover(smtp://ann:${SECRET}@a smtp://b)?sipMs=${SECRET}`,
    `retry(smtp://ann:x)?${SECRET}@a)`,
    `retry(smtp://ann:x)?${SECRET}@a`,
    `retry(smtp://ann:x)?a=${SECRET}@a`,
    `retry(smtp://ann:x)${SECRET}@a`,
    `twice(smtp://ann:${SECRET}@a)`,
    `retry(smtp://ann:${SECRET}@a smtp://b)`,
  ])('%s is refused, and its secret is not repeated', (text) => {
    const error = refusalOf(text)
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(SECRET)
  })
})

describe('the options in a transport URL', () => {
  it('are those of the wrapper', async () => {
    const inner = scripted(lost, lost, lost, lost, lost)
    const transport = transportFromUrl('retry(test://a)?attempts=4&delayMs=0', { test: () => inner })
    await transport.send(toBob()).catch(() => {})
    expect(inner.tries).toHaveLength(4)
  })

  it('may be a list', async () => {
    const inner = [scripted(), scripted()]
    const schemes: Schemes = { test: ({ hostname }) => inner[Number(hostname)]! }
    const transport = transportFromUrl('roundrobin(test://0 test://1)?weights=3,1', schemes)
    for (let n = 0; n < 8; n++) await transport.send(toBob())
    expect(inner.map(({ tries }) => tries.length)).toEqual([6, 2])
  })
})
