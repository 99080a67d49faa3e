import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const list = (pattern: string): string[] => globSync(pattern, { cwd: root }).toSorted()

/** The READMEs in which every block of TypeScript and of output must say where it comes from. */
const STRICT = [
  'README.md',
  'packages/content/README.md',
  'packages/core/README.md',
  'packages/debug/README.md',
  'packages/express/README.md',
  'packages/nestjs/README.md',
  'packages/oauth2/README.md',
  'packages/opentelemetry/README.md',
  'packages/outbox/README.md',
  'packages/smtp/README.md',
  'packages/testing/README.md',
  'docs/content.md',
  'docs/doctor.md',
  'docs/frameworks.md',
  'docs/moving.md',
  'docs/oauth2.md',
  'docs/observability.md',
  'docs/outbox.md',
  'docs/providers.md',
  'packages/providers/README.md',
  'docs/staying-up.md',
  'docs/runtimes.md',
  'docs/webhooks.md',
]
/** The languages of blocks with commands and drawings. */
const COMMANDS = ['sh', 'powershell', 'mermaid']
const readmes = [
  'README.md',
  ...list(
    'docs/{content,doctor,doctor-set-ups,frameworks,moving,oauth2,observability,outbox,providers,runtimes,staying-up,webhooks}.md',
  ),
  ...list('packages/*/README.md'),
]

interface Block {
  readonly language: string
  readonly text: string
  readonly line: number
  /** Of the comment before it: `<!-- from path#name -->` or `<!-- printed by path -->`. */
  readonly origin:
    | { readonly how: string; readonly path: string; readonly name: string | undefined }
    | undefined
}

function blocksOf(path: string): Block[] {
  const markdown = read(path)
  const blocks =
    /(?:<!-- (?<how>from|printed by) (?<path>[^\s#]+)(?:#(?<name>[\w-]+))? -->\n+)?^```(?<language>\w*)\n(?<text>[^]*?)^```$/gm
  return [...markdown.matchAll(blocks)].map(({ index, groups }) => {
    const { how, path: source, name, language, text } = groups as Record<string, string | undefined>
    const line = markdown.slice(0, index).split('\n').length
    const origin = how !== undefined && source !== undefined ? { how, path: source, name } : undefined
    return { language: language ?? '', text: text ?? '', line, origin }
  })
}

/** The lines between `// snippet: name` and `// end`, without their indentation; without a name, the whole file. */
function snippet(path: string, name: string | undefined): string {
  if (name === undefined) return read(path)
  const lines = read(path).split('\n')
  const start = lines.findIndex((line) => [`// snippet: ${name}`, `# snippet: ${name}`].includes(line.trim()))
  if (start < 0) throw new Error(`${path} has no snippet ${name}`)
  const length = lines.slice(start).findIndex((line) => ['// end', '# end'].includes(line.trim()))
  if (length < 0) throw new Error(`the snippet ${name} of ${path} does not end`)
  const body = lines.slice(start + 1, start + length)
  const indents = body.filter((line) => line !== '').map((line) => line.search(/\S/))
  return body.map((line) => line.slice(Math.min(...indents)) + '\n').join('')
}

interface Run {
  readonly output: string
  readonly code: number
}

const runs = new Map<string, Promise<Run>>()

/** Runs a program, once for all tests. */
function run(path: string): Promise<Run> {
  const { VITEST: _, ...env } = process.env
  const started = (): Promise<Run> =>
    promisify(execFile)(process.execPath, ['--conditions=@loudmail/source', path], { cwd: root, env }).then(
      ({ stdout, stderr }) => ({ output: stdout + stderr, code: 0 }),
      ({ stdout, stderr, code }: { stdout: string; stderr: string; code: number }) => {
        return { output: stdout + stderr, code }
      },
    )
  if (!runs.has(path)) runs.set(path, started())
  return runs.get(path)!
}

/** Output without what differs between runs and machines: times, ports and the host name. */
function settled(output: string): string {
  return stripVTControlCharacters(output)
    .replaceAll(/^ *\+\d+ms/gm, '+0ms')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:0')
    .replaceAll(/ EHLO \S+/g, ' EHLO name')
    .replaceAll(/\blocalhost:\d+/g, 'localhost:0')
    .replaceAll(/\b(p|P)ort \d{4,5}/g, '$1ort 0')
    .replaceAll(/ +<?\d+ ms/g, ' 0 ms')
    .replaceAll(/\b(?:now|\d+ seconds? ago) +/g, 'now ')
    .replaceAll(/\bfor \d+ seconds?/g, 'for 0 seconds')
    .replaceAll(/\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, 'id')
}

describe.each(readmes)('%s', (readme) => {
  const blocks = blocksOf(readme)

  it('shows the lines of the programs that it names', () => {
    for (const { text, line, origin } of blocks.filter((block) => block.origin?.how === 'from')) {
      expect({ line, text }).toEqual({ line, text: snippet(origin!.path, origin!.name) })
    }
  })

  it('shows the output of the programs that it names', async () => {
    for (const { text, origin } of blocks.filter((block) => block.origin?.how === 'printed by')) {
      const { output } = await run(origin!.path)
      expect(settled(output)).toContain(settled(text))
    }
  })

  it('links only to files that exist', () => {
    const links = [...read(readme).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!)
    expect(links.filter((link) => !existsSync(`${root}${dirname(readme)}/${link}`))).toEqual([])
  })
})

it.each(STRICT)('%s says where every block but commands comes from', (readme) => {
  const strays = blocksOf(readme).filter(({ origin, language }) => !origin && !COMMANDS.includes(language))
  expect(strays).toEqual([])
})

describe('the programs behind the snippets', () => {
  it.each(list('docs/test/snippets/*.ts'))('%s succeeds', async (path) => {
    expect(await run(path)).toMatchObject({ code: 0 })
  })
})

describe('docs/frameworks.md', () => {
  it.each(['fastify', 'hono'])('logs with %s what the answer to a failed send does not say', async (name) => {
    const { output } = await run(`docs/test/snippets/${name}.ts`)
    // The hint of one failure for each status.
    expect(output).toMatch(/rcpt-to\/greylisted[^]*Greylisting refuses the first attempt/)
    expect(output).toMatch(/auth\/bad-credentials[^]*Check the user name/)
    expect(output).toMatch(/body\/timeout[^]*may have been delivered/)
    expect(output.split('\n').filter((line) => line.includes('compose/invalid-address'))).toEqual([
      expect.stringMatching(/to \\?"ann\\?".* - Write addresses as/),
    ])
  })
})

describe('README.md', () => {
  it('names every package, and what it builds on', () => {
    const row = /^\| \[(?:@loudmail\/)?(\S+)\]\(packages\/(?:cli|\1)\) \|.*\| (.*) \|$/gm
    const told = [...read('README.md').matchAll(row)].map(([, name, needs]) => [name, needs] as const)
    const made = list('packages/*/package.json').map((path) => {
      const { name, dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(read(path)) as Record<
        string,
        object
      > & { name: string }
      const needs = Object.keys({ ...dependencies, ...peerDependencies }).filter(
        (need) => !Object.hasOwn(peerDependenciesMeta ?? {}, need),
      )
      const own = needs.filter((need) => need.startsWith('@loudmail/')).map(unscoped)
      return [unscoped(name), own.toSorted().join(', ') || 'nothing'] as const
    })
    expect(new Map(told)).toEqual(new Map(made))
  })

  it.each(['README.md', 'CONTRIBUTING.md', 'apps/debug/README.md'])(
    '%s names commands that exist',
    (path) => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
      const commands = [...read(path).matchAll(/npx -y pnpm@12 (\w+)/g)].map(([, command]) => command!)
      expect(commands.filter((command) => !Object.hasOwn(scripts, command))).toEqual([])
      expect(commands).not.toEqual([])
    },
  )
})

function unscoped(name: string): string {
  return name.replace('@loudmail/', '')
}
