import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

/** How a module is written. */
export const output = {
  dir: 'dist',
  entryFileNames: '[name].js',
  chunkFileNames: 'shared.js',
  format: 'esm',
  sourcemap: true,
  // What is compiled at every start is kept short. Functions and classes keep their names, for stack traces; so do lines
  // their breaks: Node prints the whole line that an uncaught error was thrown from.
  minify: {
    compress: true,
    mangle: { toplevel: false, keepNames: { function: true, class: true } },
    codegen: { removeWhitespace: false },
  },
}

// The packages that every program loads at its start are published as one module each: loading a module costs more
// than running it, and finding a package costs as much as compiling one. So smtp's module has mime in it; core is
// shared. Declarations come from tsc.
const entries = [...new Set(Object.values(manifest.exports ?? {}).map((entry) => entry['@loudmail/source']))]

// smtp's tool has a module of its own with all it needs, so that smtp() stays one module.
const inputs = manifest.name === '@loudmail/smtp' ? entries.map((entry) => [entry]) : [entries]

export default inputs.map((input) => ({
  input,
  external: (id) => /^[^./]/.test(id) && id !== '@loudmail/mime',
  platform: 'node',
  resolve: { conditionNames: ['@loudmail/source', 'import'] },
  output,
}))
