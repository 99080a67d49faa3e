import { describeEnding } from './ending.ts'
import { describeProviders } from './providers.ts'
import { describeTeaShop } from './tea-shop.ts'

const folder = new URL('../', import.meta.url)
describeTeaShop('Express', folder)
describeEnding('Express', folder, 0)
describeProviders('Express', folder)
