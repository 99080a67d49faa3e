import type { Transcript } from './transcript.ts'

const started = new WeakMap<Transcript, number>()

/** Remembers when the connection of the last lines was started, on the clock of `performance.now()`. Returns the transcript. */
export function timedTranscript(transcript: Transcript, connectionStartedAt: number): Transcript {
  started.set(transcript, connectionStartedAt)
  return transcript
}

/** When the connection of the last lines was started, if the transport told. */
export function connectionStartOf(transcript: Transcript): number | undefined {
  return started.get(transcript)
}
