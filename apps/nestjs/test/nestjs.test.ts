import { describeEnding } from '../../express/test/ending.ts'
import { describeProviders } from '../../express/test/providers.ts'
import { describeTeaShop } from '../../express/test/tea-shop.ts'

const folder = new URL('../', import.meta.url)
describeTeaShop('Nest', folder)
// Nest sends itself the signal again once everything is closed.
describeEnding('Nest', folder, 'SIGTERM')
describeProviders('Nest', folder)
