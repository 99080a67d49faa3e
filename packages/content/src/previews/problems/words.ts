/** Finds words also where no blanks are between them, as in Japanese. */
const SEGMENTER = new Intl.Segmenter('und', { granularity: 'word' })

/** The different words of a text, whatever their case. */
export function wordsOf(text: string): Set<string> {
  const words = new Set<string>()
  for (const { segment, isWordLike } of SEGMENTER.segment(text))
    if (isWordLike) words.add(segment.toLowerCase().normalize('NFKC'))
  return words
}
