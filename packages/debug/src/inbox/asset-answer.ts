import { answer, textAnswer, type Answer } from './answer.ts'

/** A file that the pages load. */
export async function assetAnswer(name: string): Promise<Answer> {
  const { ASSETS } = await import('./assets.ts')
  const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined
  return asset ? answer(200, asset.type, asset.text) : textAnswer(404, 'There is no such page.')
}
