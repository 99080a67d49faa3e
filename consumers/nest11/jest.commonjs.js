// The settings that Nest 11 puts into package.json, and what Node 22 needs in addition.
const { jest } = require('./package.json')

module.exports = {
  ...jest,
  // snippet: jest
  transform: {
    // Loudmail is published as ES modules: here, ts-jest makes CommonJS of it and of what it needs.
    '/node_modules/.+\\.js$': [
      'ts-jest',
      { tsconfig: { allowJs: true, isolatedModules: true, module: 'commonjs', target: 'es2023' } },
    ],
    '^.+\\.(t|j)s$': 'ts-jest',
  },
  transformIgnorePatterns: [
    '/node_modules/(?!(\\.pnpm|@loudmail|content-disposition|entities|parse5|postal-mime)/)',
  ],
  // end
}
