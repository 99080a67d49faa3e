import { cp } from 'node:fs/promises'
import { rootFolder } from './root-folder.ts'

/** The extensions that Laravel needs. */
const EXTENSIONS = ['ctype', 'dom', 'fileinfo', 'iconv', 'mbstring', 'tokenizer', 'xml']

/**
 * Runs the program `before/main.php` of a folder, with Laravel as Debian packages it. Its arguments are the port and a folder for
 * compiled views.
 *
 * @throws Error with what it prints if it fails
 */
export async function runLaravel(folder: string, port: number): Promise<void> {
  const root = await rootFolder('laravel', [])
  try {
    await cp(folder, root.path('/srv'), { recursive: true })
    await root.folder('/srv/views')
    await root.run('/usr/bin/php8.2', [
      '-n',
      ...EXTENSIONS.flatMap((name) => ['-d', `extension=${name}.so`]),
      '/srv/before/main.php',
      String(port),
      '/srv/views',
    ])
  } finally {
    await root.remove()
  }
}
