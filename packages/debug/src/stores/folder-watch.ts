import { watch, type FSWatcher } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { thrownInWords } from '@loudmail/core/transport'
import { unlessMissing } from './mail-folder.ts'

/** The system reports one change of the folder as several events. */
const SETTLE_MS = 20

/**
 * Watches a folder, also after somebody removed it. Creates it if it does not exist.
 *
 * @param look is called at once and after every change
 * @returns a function that stops watching
 */
export function watchFolder(path: string, look: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined
  let watcher: FSWatcher | undefined
  let watched: number | undefined
  let stopped = false
  const onTime = (): void => {
    timer = undefined
    lookAnew().catch(warn)
  }
  const lookAnew = async (): Promise<void> => {
    // The watcher of a folder ends when somebody removes the folder.
    if (!watcher || (await unlessMissing(stat(path)))?.ino !== watched) await start()
    await look()
  }
  const start = async (): Promise<void> => {
    watcher?.close()
    await mkdir(path, { recursive: true, mode: 0o700 })
    watched = (await stat(path)).ino
    if (stopped) return
    const onChange = (): unknown => (timer ??= setTimeout(onTime, SETTLE_MS).unref())
    watcher = watch(path, { persistent: false }, onChange).on('error', warn)
  }
  onTime()
  return () => {
    stopped = true
    clearTimeout(timer)
    watcher?.close()
  }
}

function warn(error: unknown): void {
  process.emitWarning(`a folder of mails cannot be watched: ${thrownInWords(error)}`, 'LoudmailWarning')
}
