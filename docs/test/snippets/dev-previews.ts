// snippet: file
import { template } from '@loudmail/content'
import { previews } from '@loudmail/content/previews'

const welcome = template(({ name }: { name: string }) => ({
  subject: `Welcome, ${name}`,
  html: `<p>Hello ${name}!</p>`,
}))

export default previews({
  welcome: { 'a short name': welcome({ name: 'Ann' }), 'a long one': welcome({ name: 'Maximiliane' }) },
})
// end
