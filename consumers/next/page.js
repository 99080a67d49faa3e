import { template } from '@loudmail/content'
import { reactEmail } from '@loudmail/content/react-email'
import { Mailer } from '@loudmail/core'
import { debug } from '@loudmail/debug'
import { Welcome } from './welcome.js'

const transport = debug({ captureInProduction: true })
const mailer = new Mailer({ transport, defaults: { from: 'tea@shop.example' } })
const welcome = template({ engine: reactEmail(), html: Welcome })

export const dynamic = 'force-dynamic'

async function signUp(form) {
  'use server'
  const address = form.get('email')
  await mailer.send({ to: { address }, template: welcome({ address }) })
}

export default async function Page() {
  const { mails } = await transport.store.list()
  return (
    <form action={signUp}>
      <input name="email" />
      <p>{mails.map(({ subject }) => subject).join()}</p>
    </form>
  )
}
