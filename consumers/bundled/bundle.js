// Makes one program of main.js and all that it needs, with each bundler, as their docs say for a program of Node.
import { rspack } from '@rspack/core'
import * as esbuild from 'esbuild'
import { rolldown } from 'rolldown'
import { build as vite } from 'vite'

const usual = { entryPoints: ['main.js'], bundle: true, platform: 'node', logLevel: 'warning' }
// In an ES module, esbuild's own `require` finds no module of Node. Only the package for SOCKS proxies needs one.
// snippet: banner
const js = "import { createRequire as of } from 'node:module'; const require = of(import.meta.url);"
await esbuild.build({ ...usual, format: 'esm', outfile: 'bundles/esbuild.mjs', banner: { js } })
// end
await esbuild.build({ ...usual, format: 'cjs', outfile: 'bundles/esbuild.cjs' })
await esbuild.build({ ...usual, format: 'cjs', outfile: 'bundles/esbuild-minified.cjs', minify: true })

for (const [format, ending] of [
  ['esm', 'mjs'],
  ['cjs', 'cjs'],
]) {
  const bundle = await rolldown({ input: 'main.js', platform: 'node' })
  await bundle.write({ dir: `bundles/rolldown-${format}`, entryFileNames: `main.${ending}`, format })
}

await vite({
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: 'main.js',
    outDir: 'bundles/vite',
    rollupOptions: { output: { entryFileNames: 'main.mjs' } },
  },
})

const compiler = rspack({
  mode: 'production',
  target: 'node22',
  entry: './main.js',
  output: { path: `${import.meta.dirname}/bundles/rspack`, filename: 'main.cjs' },
  // Handlebars asks whether there is one. That there is none makes no difference.
  ignoreWarnings: [/require\.extensions/],
})
const stats = await new Promise((resolve, reject) =>
  compiler.run((error, result) => (error ? reject(error) : resolve(result))),
)
if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString())
await new Promise((resolve) => compiler.close(resolve))
