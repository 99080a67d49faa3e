import { test } from 'node:test'
import { memory } from '@loudmail/core'
// snippet: contract
import { transportContract } from '@loudmail/testing'

const create = () => {
  const transport = memory()
  return { transport, arrived: () => transport.messages.map(({ envelope }) => envelope) }
}
for (const { title, run } of transportContract({ create })) void test(title, run)
// end
