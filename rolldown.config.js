// The packages that every program loads at its start are published as one module each: loading a module costs more
// than running it, and finding a package costs as much as compiling one. So smtp's module has mime in it; core is
// shared. Declarations come from tsc.
export default {
  input: 'src/index.ts',
  external: (id) => /^[^./]/.test(id) && id !== '@loudmail/mime',
  platform: 'node',
  resolve: { conditionNames: ['@loudmail/source', 'import'] },
  output: {
    file: 'dist/index.js',
    format: 'esm',
    sourcemap: true,
    // What is read and compiled at every start is kept short; functions and classes keep their names, for stack traces.
    minify: {
      compress: true,
      mangle: { toplevel: false, keepNames: { function: true, class: true } },
      codegen: { removeWhitespace: true },
    },
  },
}
