/** How far a delivered message got: `queued` is on disk here; `captured` and `discarded` never leave this process. */
export type DeliveryState = 'sent' | 'queued' | 'captured' | 'discarded'
