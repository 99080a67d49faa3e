// The packages that every program loads at its start are published as one module each: loading a module costs more
// than running it. Declarations come from tsc.
import { existsSync } from 'node:fs'

export default {
  input: {
    index: 'src/index.ts',
    ...(existsSync('src/diagnosis/index.ts') && { 'diagnosis/index': 'src/diagnosis/index.ts' }),
  },
  external: /^[^./]/,
  platform: 'node',
  output: { dir: 'dist', format: 'esm', sourcemap: true, chunkFileNames: 'shared.js' },
}
