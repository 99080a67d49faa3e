/**
 * What `transportData` may say to every provider, so that a message can go out through any of them. What only one provider
 * knows stands under its name: `{ tags: ['welcome'], postmark: { messageStream: 'outbound' } }`.
 */
export interface CommonData {
  /** Labels for statistics. A provider without tags gets none. @default none */
  readonly tags?: readonly string[] | undefined
  /** What comes back with every event about the message. A provider without metadata gets none. @default none */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** When the provider is to send it. A provider that cannot wait refuses the message. @default at once */
  readonly sendAt?: Date | string | undefined
}
