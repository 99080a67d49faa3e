import type { TemplateEngine } from './engine.ts'

/** Functions and texts as they are. */
export const plainEngine: TemplateEngine = {
  name: 'plain',
  extensions: ['.html', '.txt'],
  takesCode: true,
  compile({ code, text }) {
    return {
      render: async (data, context) => (code ? String(await code(data as never, context)) : text),
      files: () => [],
    }
  },
}
