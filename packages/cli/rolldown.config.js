import { readFileSync } from 'node:fs'
import { output } from '../../rolldown.config.js'

const LICENCE = new URL('node_modules/commander/LICENSE', import.meta.url)

/** commander, and what makes `await using` work. */
const BUNDLED = /^(?:commander|@oxc-project\/runtime\/.*)$/

const NOTHING = '\0nothing'

/** commander starts commands that are programs of their own with it. We have none, and loading it costs 4 ms. */
const isUnused = (id, importer) => id === 'node:child_process' && importer?.includes('/commander/')

const BUILTIN_IMPORT = /^import (?:([\w$]+))?(?:, )?(\{[^}]*\})? from "(node:\w+)";$/gm

/** `import fs, { stat as look } from "node:fs"` without an import. */
function asBuiltin(_, whole, names, id) {
  const parts = [whole, names?.replaceAll(' as ', ': ')].filter(Boolean)
  return parts.map((part) => `const ${part} = process.getBuiltinModule("${id}");`).join(' ')
}

// The program is published with commander in it, and each command in a module that is loaded when it runs: finding and
// loading many small modules is most of what `--help` would cost.
export default {
  input: 'src/main.ts',
  platform: 'node',
  external: (id, importer) =>
    /^[^./]/.test(id) && !BUNDLED.test(id) && id !== NOTHING && !isUnused(id, importer),
  // The oldest Node that it runs on has no `await using`.
  transform: { target: 'node22' },
  resolve: { conditionNames: ['@loudmail/source', 'import'] },
  // Maps with all sources are three quarters of the tarball, and who runs a program by npx does not read them.
  output: { ...output, sourcemap: false, cleanDir: true, chunkFileNames: '[name].js' },
  plugins: [
    {
      name: 'without-child-process',
      resolveId: (id, importer) => (isUnused(id, importer) ? NOTHING : undefined),
      load: (id) => (id === NOTHING ? 'export default {}' : undefined),
    },
    {
      // To import a part of Node evaluates all of it: `--help` takes 1.7 times as long as bare Node then, not 1.3 times.
      name: 'builtin-modules',
      renderChunk: (code) => ({ code: code.replaceAll(BUILTIN_IMPORT, asBuiltin), map: null }),
    },
    {
      name: 'licence',
      generateBundle() {
        this.emitFile({
          type: 'asset',
          fileName: 'commander-LICENSE.txt',
          source: readFileSync(LICENCE, 'utf8'),
        })
      },
    },
  ],
}
