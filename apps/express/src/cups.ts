/** Every cup of tea of a month: a file of about 1 MB. */
export function cups(): string {
  const lines = Array.from({ length: 40_000 }, (_, n) => `${n},2026-11-${1 + (n % 30)},Darjeeling`)
  return ['cup,day,tea', ...lines].join('\r\n')
}
