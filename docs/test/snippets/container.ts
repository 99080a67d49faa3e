import assert from 'node:assert/strict'
import { debug, startInbox } from '@loudmail/debug'

const transport = debug()

// snippet: container
const page = await startInbox(transport.store, { port: 8025, host: '0.0.0.0', hosts: ['localhost'] })
// end

assert.equal((await fetch('http://localhost:8025/')).status, 200)
await page.close()
