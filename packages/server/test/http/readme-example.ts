import { playProvider, startHttpServer } from '@loudmail/server/http'

const provider = playProvider('resend')
await using server = await startHttpServer([{ status: 503 }, provider])

// Instead of your client, which sends to server.url:
const headers = { authorization: 'Bearer re_test', 'idempotency-key': 'order-17' }
const body = JSON.stringify({ from: 'alice@sender.example', to: 'bob@rcpt.example', subject: 'Hello' })
let response: Response
do response = await fetch(`${server.url}/emails`, { method: 'POST', headers, body })
while (response.status === 503)

console.log(server.requests.length, provider.taken) // 2 [ { to: [ 'bob@rcpt.example' ], subject: 'Hello', … } ]
