import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { AttachmentInput } from '@loudmail/core'
import { contentTypeOf } from '@loudmail/core/transport'
import { FileRefusal, meansFile, pathOfUrl, readLocal } from './local-file.ts'
import type { ImageReference } from './references.ts'

/** An image that the mail contains. */
export interface EmbeddedImage extends AttachmentInput {
  readonly contentId: string
}

/** An image that cannot be embedded. */
export class ImageRefusal extends Error {
  readonly reference: ImageReference

  constructor(reference: ImageReference, reason: string) {
    super(`the image ${JSON.stringify(reference.value.slice(0, 200))} ${reason}`)
    this.reference = reference
  }
}

/** A larger image is refused: most servers take no mail beyond 25 MB. */
const MOST_OCTETS = 10 * 1_048_576
/** What is kept of images that were read. */
const MOST_KEPT_OCTETS = 64 * 1_048_576

/** Reads the images of mails, each file once. */
export class ImageReader {
  readonly #kept = new Map<string, { readonly stamp: string; readonly image: EmbeddedImage }>()
  #octets = 0

  /**
   * @param base the folder that relative paths start from
   * @param folder files outside of it are refused
   * @param reload looks whether a file has changed
   * @throws ImageRefusal
   */
  async read(
    reference: ImageReference,
    base: string,
    folder: string,
    reload: boolean,
  ): Promise<EmbeddedImage> {
    try {
      const path = pathOfUrl(reference.value.trim(), base, folder)
      const kept = this.#kept.get(`${folder}\0${path}`)
      const stamp = reload ? await stampOf(path) : ''
      if (kept && kept.stamp === stamp) return kept.image
      const { name, bytes } = await readLocal(path, folder, MOST_OCTETS)
      const image = embedded(name, bytes)
      if (!kept && this.#octets + bytes.length <= MOST_KEPT_OCTETS) this.#octets += bytes.length
      else if (!kept) return image
      this.#kept.set(`${folder}\0${path}`, { stamp, image })
      return image
    } catch (cause) {
      if (cause instanceof FileRefusal) throw new ImageRefusal(reference, cause.message)
      throw cause
    }
  }
}

/** Whether a reference is to a file that has to be embedded. */
export function isLocalImage({ value }: ImageReference): boolean {
  return meansFile(value.trim())
}

function embedded(filename: string, bytes: Buffer): EmbeddedImage {
  const contentType = contentTypeOf({ bytes } as unknown as Parameters<typeof contentTypeOf>[0])
  if (!contentType?.startsWith('image/')) throw new FileRefusal('is a file that is not an image')
  const hash = createHash('sha256').update(filename).update('\0').update(bytes).digest('hex').slice(0, 16)
  const stem = filename
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, 40)
  const contentId = `${stem.replace(/^-+|-+$/g, '') || 'image'}.${hash}@loudmail`
  return { filename, content: bytes, contentType, contentId, disposition: 'inline' }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'missing'
  }
}
