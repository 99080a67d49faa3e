// pnpm test:crash [--seed <n>] [--messages <n>] [--kills <n>] [--store sqlite|postgres|both] [--rule park|resend] [--scene <n>]
//
// Kills processes that enqueue and send at points that the seed decides and at any moment, and compares what is in the outbox
// with what the server took. Then four workers share 20,000 messages, and processes die in transactions. A scene with
// contradictions is printed with the command that plays it again: what is drawn is the same each time, but not the order in
// which processes come to run. PostgreSQL needs interop/install.sh.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killsOf, reportOf } from './report.ts'
import { run } from './run.ts'
import type { Played } from './scene.ts'
import { share } from './share.ts'
import { postgresDatabases, sqliteFiles, type TestStore } from './test-store.ts'
import { takeOrders } from './transactions.ts'

const SHARED_MESSAGES = 20_000
const ORDERS = 500

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    messages: { type: 'string' },
    kills: { type: 'string' },
    store: { type: 'string' },
    rule: { type: 'string' },
    scene: { type: 'string' },
    shared: { type: 'string' },
  },
})
const { store: asked = 'both' } = values
const seed = numberOf('seed', Math.floor(Math.random() * 1e6))
const messages = numberOf('messages', 2_000)
const kills = numberOf('kills', 100)
const scene = values.scene === undefined ? undefined : numberOf('scene', 0)
console.log(`seed ${seed}`)
if (asked !== 'postgres') await tryStore(sqliteFiles())
if (asked !== 'sqlite') await tryStore(await postgresDatabases())

async function tryStore(store: TestStore): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loudmail-crash-'))
  try {
    for (const inDoubt of ['park', 'resend'] as const) {
      if ((values.rule ?? inDoubt) !== inDoubt) continue
      const played = await run({ seed, messages, kills, inDoubt, scene, store, heard: tellScene })
      tell(`${store.name}, ${inDoubt}`, reportOf(played), played)
    }
    if (scene !== undefined) return
    const shared = numberOf('shared', SHARED_MESSAGES)
    for (const restart of [undefined, ...(store.restart ? [store.restart] : [])]) {
      const what = `4 workers share ${shared} messages${restart ? ', and the database is killed meanwhile' : ''}`
      const played = await share({
        seed,
        messages: shared,
        folder,
        place: await store.newPlace(folder),
        restart,
      })
      tell(`${store.name}, ${what}: ${seconds(played.ms)}`, reportOf([played]), [played])
    }
    const ordered = await takeOrders(seed, ORDERS, folder, await store.newPlace(folder))
    const { committed, notCommitted, contradictions } = ordered
    const text = [
      killsOf(ordered.kills),
      `committed ${committed}, not committed ${notCommitted}`,
      ...contradictions,
    ]
    tell(`${store.name}, transactions`, text.join('\n'), [ordered])
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function tellScene({ plan, totals, contradictions, ms }: Played): void {
  const said = `${totals.messages} messages in ${seconds(ms)}, ${contradictions.length} contradictions`
  console.log(`scene ${plan.number} (${plan.style.name}): ${said}`)
}

function tell(
  title: string,
  text: string,
  results: readonly { readonly contradictions: readonly string[] }[],
): void {
  console.log(`${title}\n${text}\n`)
  if (results.some(({ contradictions }) => contradictions.length > 0)) process.exitCode = 1
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function numberOf(option: keyof typeof values, otherwise: number): number {
  const number = Number(values[option] ?? otherwise)
  if (Number.isInteger(number) && number >= 0) return number
  throw new Error(`--${option} is a whole number`)
}
