export {
  sqliteSuppressions,
  type SqliteSuppressionsOptions,
} from './suppression/sqlite/sqlite-suppressions.ts'
