/** What options do that several commands have, as their help says it. */
export const OPTION_WORDS = {
  env: 'read the URL from this variable, of the environment or of .env',
  passwordEnv: 'read the password from this variable, of the environment or of .env',
  passwordStdin: 'read the password from standard input',
  from: 'who sends it: ann@example.com or "Ann <ann@example.com>"',
  to: 'who gets it; repeat it for more',
  json: 'print one JSON object',
} as const
