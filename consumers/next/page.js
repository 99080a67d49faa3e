import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'

const transport = debug({ captureInProduction: true })
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example' } })

export const dynamic = 'force-dynamic'

async function signUp(form) {
  'use server'
  await mailer.send({ to: { address: form.get('email') }, subject: 'Welcome', text: 'Hi' })
}

export default async function Page() {
  const { mails } = await transport.store.list()
  return (
    <form action={signUp}>
      <input name="email" />
      <p>{mails.map(({ envelope }) => envelope.to.join()).join()}</p>
    </form>
  )
}
