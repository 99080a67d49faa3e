import { describeEnding } from './ending.ts'
import { describeTeaShop } from './tea-shop.ts'

const folder = new URL('../', import.meta.url)
describeTeaShop('Express', folder)
describeEnding('Express', folder, 0)
