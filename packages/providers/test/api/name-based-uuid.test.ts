import { expect, it } from 'vitest'
import { nameBasedUuid } from '../../src/api/name-based-uuid.ts'

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'

it('a name always has the same UUID of version 5, as in RFC 9562 appendix A.4', () => {
  expect(nameBasedUuid(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
})

it('other names, and the same name in another space, have other UUIDs', () => {
  const uuids = ['a', 'b'].flatMap((name) => [
    nameBasedUuid(DNS, name),
    nameBasedUuid(DNS.replace('6', '7'), name),
  ])
  expect(new Set(uuids).size).toBe(4)
})
