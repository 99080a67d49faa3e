import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'

const SERVERS = join(import.meta.dirname, '../../.servers')
const SCHEMA = `
generator client {
  provider = "prisma-client"
  output = "./client"
}
datasource db {
  provider = "postgresql"
}
model Order {
  id Int @id
  @@map("orders")
}
`

/** What is used of a client of Prisma. */
interface PrismaClient {
  $transaction<Result>(
    work: (tx: { $queryRawUnsafe(sql: string, ...values: unknown[]): Promise<unknown> }) => Promise<Result>,
    options?: { timeout: number },
  ): Promise<Result>
  $disconnect(): Promise<void>
}

/** Makes clients of Prisma, from code that it generates in a folder of its own. */
export interface PrismaClients extends AsyncDisposable {
  connect(url: string): PrismaClient
}

export async function prismaClients(): Promise<PrismaClients> {
  const folder = await mkdtemp(join(SERVERS, 'prisma-'))
  await writeFile(join(folder, 'schema.prisma'), SCHEMA)
  const program = join(import.meta.dirname, '../../node_modules/prisma/build/index.js')
  await promisify(execFile)(
    process.execPath,
    [program, 'generate', '--schema', join(folder, 'schema.prisma')],
    {
      cwd: folder,
      // The engine is a download, and only migrations need it.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' },
    },
  )
  const { PrismaClient: Client } = (await import(join(folder, 'client/client.ts'))) as {
    PrismaClient: new (options: { adapter: PrismaPg }) => PrismaClient
  }
  return {
    connect: (url) => new Client({ adapter: new PrismaPg({ connectionString: url }) }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
