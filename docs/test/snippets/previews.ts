import assert from 'node:assert/strict'
import { template } from '@loudmail/content'

const welcome = template((data: { name: string }) => ({
  subject: `Welcome, ${data.name}`,
  html: `<p>Hello ${data.name}</p><a href="/shop">To the shop</a>`,
}))
const receipt = template((data: { teas: number }, { locale }) => ({
  subject: locale === 'de' ? 'Deine Rechnung' : 'Your receipt',
  html: `<p>${data.teas} ${locale === 'de' ? 'Tees' : 'teas'}</p>`,
}))

// snippet: previews
import { previews } from '@loudmail/content/previews'

const samples = previews({
  welcome: welcome({ name: 'Ann' }),
  receipt: {
    'one tea': receipt({ teas: 1 }),
    'many teas': receipt({ teas: 12 }, { locale: 'de' }),
  },
})
// end
assert.deepEqual(samples.list(), [
  { name: 'welcome', samples: ['default'] },
  { name: 'receipt', samples: ['one tea', 'many teas'] },
])

// snippet: problems
for (const { name, samples: each } of samples.list())
  for (const sample of each) {
    const { error, problems = [] } = (await samples.show(name, sample)) ?? {}
    assert.equal(error, undefined)
    for (const { level, message } of problems) console.log(`${name}, ${sample}: ${level}: ${message}`)
  }
// end
const shown = await samples.show('welcome', 'default')
assert.deepEqual(
  shown?.problems.map(({ kind, level }) => `${level} ${kind}`),
  ['error link'],
)
