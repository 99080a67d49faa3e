export type { MjmlSettings } from './mjml-settings.ts'
export { mjml, type MjmlOptions } from './mjml.ts'
