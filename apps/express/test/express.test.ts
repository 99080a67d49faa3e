import { describeTeaShop } from './tea-shop.ts'

describeTeaShop('Express', new URL('../', import.meta.url))
