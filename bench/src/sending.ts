/** The settings of most groups: 1 KiB of text into smtp-sink on one connection. */
export const sending = {
  mode: 'send',
  server: 'smtp-sink',
  connections: 1,
  work: '1 KiB',
  seconds: 1.5,
} as const
