/** What there are settings for. */
export const FRAMEWORKS = [
  'node',
  'express',
  'nest',
  'python',
  'django',
  'rails',
  'laravel',
  'symfony',
  'php',
  'spring',
  'go',
] as const

export type Framework = (typeof FRAMEWORKS)[number]
