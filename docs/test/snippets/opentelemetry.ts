import assert from 'node:assert/strict'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { trace } from '@opentelemetry/api'

const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))

// snippet: instrument
import { Mailer } from '@loudmail/core'
import { instrumentMail } from '@loudmail/opentelemetry'

const instrumentation = instrumentMail()
// end

await using server = await startServer({
  on: { RCPT: { nthGlobal: [{ pass: true }, '550 5.1.1 No such user'] } },
})
const mailer = new Mailer({
  transport: smtp(server.url),
  failure: 'silent',
  observe: ({ error }) => void error,
})
const message = { from: 'tea@sender.example', to: 'ann@rcpt.example', subject: 'Tea', text: 'Hi' }
await mailer.send(message)
await mailer.send(message)
await mailer.close()
instrumentation.stop()

const spans = exporter.getFinishedSpans()
for (const { name, attributes, events } of spans) {
  console.log(name, attributes['mail.state'], attributes['error.type'] ?? '')
  for (const event of events) console.log('   ', event.name)
}
assert.deepEqual(
  spans.map(({ name }) => name),
  ['mail attempt', 'mail send', 'mail attempt', 'mail send'],
)
