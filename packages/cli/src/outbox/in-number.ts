/** How many entries: `one dead entry`, `1,204 sent entries`. */
export function inNumber(count: number, state = ''): string {
  const number = count === 1 ? 'one' : count.toLocaleString('en-GB')
  return [number, state, count === 1 ? 'entry' : 'entries'].filter(Boolean).join(' ')
}
