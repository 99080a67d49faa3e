import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const repository = 'https://github.com/loudmail/loudmail'

it.each(globSync('packages/*/package.json', { cwd: root }))(
  '%s says where the package is at home',
  (path) => {
    const directory = dirname(path)
    expect(JSON.parse(readFileSync(`${root}${path}`, 'utf8'))).toMatchObject({
      homepage: `${repository}/tree/main/${directory}#readme`,
      bugs: `${repository}/issues`,
      author: 'the Loudmail authors',
      license: 'MIT',
      repository: { type: 'git', url: `git+${repository}.git`, directory },
    })
  },
)
