import { tryMail } from './try-mail.js'

tryMail().then(
  (tried) => console.log(`ok: ${tried.length}`),
  (error) => {
    console.error(error)
    process.exitCode = 1
  },
)
