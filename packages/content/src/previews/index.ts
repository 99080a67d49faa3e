export type { Preview, PreviewAttachment, PreviewProblem, Previews } from './preview.ts'
export { previews, type PreviewOptions } from './previews.ts'
export type { PreviewTemplates } from './samples.ts'
