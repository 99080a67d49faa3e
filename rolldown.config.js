// The packages that every program loads at its start are published as one module each: loading a module costs more
// than running it. Declarations come from tsc.
export default {
  input: 'src/index.ts',
  external: /^[^./]/,
  platform: 'node',
  output: {
    file: 'dist/index.js',
    format: 'esm',
    sourcemap: true,
    // Comments and white space are read at every start too; names stay, for stack traces.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
}
