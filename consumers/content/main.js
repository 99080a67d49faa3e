import { tryContent } from './try-content.js'

tryContent().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
