import { expect } from 'expect'
import { it } from 'vitest'
import { mailMatchers } from '../src/jest.ts'
import { capture } from './capture.ts'

it('works with the expect of Jest', async () => {
  const { store, send } = capture()
  // snippet: jest
  expect.extend(mailMatchers)
  // end
  const receipt = await send({ to: 'bob@full.example' })
  await send({ subject: 'Welcome' })

  await expect(store).toHaveSent({ to: 'ann@rcpt.example', subject: 'Welcome' }, { times: 1 })
  await expect(store).not.toHaveSent({ subject: 'Goodbye' })
  await expect(receipt).toHaveFailed({ code: 'rcpt-to/mailbox-full' })
  await expect(Promise.reject(receipt.error)).rejects.toHaveFailed({ stage: 'rcpt-to' })

  await expect(expect(store).toHaveSent({ subject: 'Goodbye' })).rejects.toThrow(
    "Nearest is 2:\n  subject is 'Welcome', not 'Goodbye'",
  )
  await expect(expect(store).not.toHaveSent()).rejects.toThrow('Wanted: no mail that went out')
  await expect(expect(receipt).not.toHaveFailed()).rejects.toThrow('Wanted: no failure')
  // @ts-expect-error: a misspelled field is an error of types, too.
  await expect(expect(store).toHaveSent({ subjct: 'Welcome' })).rejects.toThrow('has no field "subjct"')
})
