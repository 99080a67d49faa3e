import { createTransport } from 'nodemailer'

// Sends a mail to each of the given recipients with nodemailer, all at once, and prints how each ended.
const [port, connections, ...recipients] = process.argv.slice(2)
const transport = createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: Number(connections),
})
const outcomes = await Promise.all(
  recipients.map((to) =>
    transport.sendMail({ from: 'ann@sender.example', to, subject: `To ${to}`, text: 'Hi' }).then(
      () => 'sent',
      (error: { response?: string }) => error.response,
    ),
  ),
)
console.log(outcomes.join('\n'))
transport.close()
