import type { Settings } from './options.ts'

/** Such as `smtp(mail.example.com:587)`. */
export function transportName({ protocol, host, port }: Settings): string {
  return `${protocol}(${host.includes(':') ? `[${host}]` : host}:${port})`
}
