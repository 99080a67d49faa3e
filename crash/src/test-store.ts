import { join } from 'node:path'
import { startPostgres } from '../../interop/src/postgres.ts'

/** Where scenes have their stores. */
export interface TestStore {
  readonly name: 'sqlite' | 'postgres'
  /** @returns the place of a store that is empty */
  newPlace(folder: string): Promise<string>
  /** Kills the database and starts it again. */
  readonly restart?: (() => Promise<void>) | undefined
  close(): Promise<void>
}

export function sqliteFiles(): TestStore {
  let files = 0
  return {
    name: 'sqlite',
    newPlace: async (folder) => join(folder, `mail-${++files}.db`),
    close: async () => {},
  }
}

/** @throws Error if interop/install.sh was not run */
export async function postgresDatabases(): Promise<TestStore> {
  const postgres = await startPostgres({ max_connections: '200' })
  return {
    name: 'postgres',
    newPlace: () => postgres.database(),
    async restart() {
      await postgres.kill()
      await postgres.start()
    },
    close: () => postgres.close(),
  }
}
