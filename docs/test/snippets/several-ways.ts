import assert from 'node:assert/strict'
import { breaker, failover, MailError, roundRobin, transportFromUrl, type Transport } from '@loudmail/core'
import { toMessage } from '@loudmail/core/transport'
import { startServer } from '@loudmail/server'
import { smtp, smtpSchemes } from '@loudmail/smtp'

await using main = await startServer({ on: { MAIL: '421 4.3.2 Down for maintenance' } })
await using backup = await startServer()
const mail = toMessage({ from: 'tea@sender.example', to: 'ann@rcpt.example', text: 'Hi' })
const times = async (count: number, transport: Transport): Promise<void> => {
  for (let n = 0; n < count; n++) await transport.send(mail)
}

{
  // snippet: failover
  const transport = failover([smtp(main.url), smtp(backup.url)], { skipMs: 10_000 })
  // end
  await times(3, transport)
  assert.equal(main.connections.length, 1)
  assert.equal(backup.messages.length, 3)
  const { state, parts } = transport.health!()
  assert.deepEqual([state, parts?.map((part) => part.state)], ['degraded', ['down', 'up']])
  await transport.close!()
}

{
  await using large = await startServer()
  await using small = await startServer()
  // snippet: round-robin
  const transport = roundRobin([smtp(large.url), smtp(small.url)], { weights: [3, 1] })
  // end
  await times(8, transport)
  assert.deepEqual([large.messages.length, small.messages.length], [6, 2])
  await transport.close!()
}

{
  // snippet: breaker
  const transport = breaker(smtp(main.url), { failureRate: 0.5, minimum: 10, openMs: 30_000 })
  // end
  const codes: string[] = []
  const keep = (error: unknown): void => void (MailError.is(error) && codes.push(error.code))
  for (let n = 0; n < 11; n++) await transport.send(mail).catch(keep)
  assert.deepEqual(codes.slice(9), ['mail-from/service-unavailable', 'queue/breaker-open'])
  await transport.close!()
}

{
  // snippet: url
  const url = 'retry(failover(smtp://main.example smtp://backup.example)?skipMs=10000)?attempts=5'
  const transport = transportFromUrl(url, smtpSchemes)
  // end
  assert.equal(transport.name, 'retry(failover(smtp(main.example:587), smtp(backup.example:587)))')
}
