const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/

/** Whether a value is a media type, with or without parameters (RFC 6838 section 4.2). */
export function isMediaType(value: string): boolean {
  return MEDIA_TYPE.test(value)
}
